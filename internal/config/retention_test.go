package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/config"
)

func TestRetentionHasDefaultsAndLimits(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name, text string
		want       config.Retention
	}{
		{"absent", "", config.Retention{Log: 7 * day, Dead: 30 * day}},
		{"empty", "retention: {}", config.Retention{Log: 7 * day, Dead: 30 * day}},
		{"log alone", "retention: {log: 36h}", config.Retention{Log: 36 * time.Hour, Dead: 30 * day}},
		{"dead letters alone", "retention: {dead: 36h}", config.Retention{Log: 7 * day, Dead: 36 * time.Hour}},
		{"the least", "retention: {log: 1m, dead: 60s}", config.Retention{Log: time.Minute, Dead: time.Minute}},
		{"the most", "retention: {log: 87600h, dead: 100000h}", config.Retention{Log: 3650 * day, Dead: 100_000 * time.Hour}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(mustLoad(t, tt.text, nil).Retention, tt.want); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
		})
	}
}

func TestGivingUpLaterThanTheRetentionIsWarnedOf(t *testing.T) {
	const (
		retention = "retention: {log: 90m}\n"
		given     = ":5: apps[0].delivery.give_up_after: is longer than retention.log, which decides first: " +
			"after 1h30m an undelivered event is a dead letter"
		byDefault = ":1: retention.log: is shorter than give_up_after, by default 24h, and decides first: " +
			"after 1h30m an undelivered event is a dead letter"
	)
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"longer", retention + inApp("delivery: {give_up_after: 91m}"), []string{given}},
		{"as long", retention + inApp("delivery: {give_up_after: 90m}"), nil},
		{"shorter", retention + inApp("delivery: {give_up_after: 1s}"), nil},
		{"longer than the default", inApp("delivery: {give_up_after: 168h1s}"), []string{
			":4: apps[0].delivery.give_up_after: is longer than retention.log, which decides first: after 168h an undelivered event is a dead letter"}},
		{"the default of several Apps, once", retention + inApp("delivery: {}") + "  - {sdkappid: 8, key: ab}\n", []string{byDefault}},
		{"both", retention + inApp("delivery: {give_up_after: 91m}") + "  - {sdkappid: 8, key: ab}\n", []string{given, byDefault}},
		{"profile cloud gives up at once", retention + inApp("delivery: {profile: cloud, give_up_after: 91m}"), nil},
		{"no App", retention, nil},
		{"the defaults", inApp("delivery: {}"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, warnings, err := load(t, tt.text, nil)
			if err != nil || len(warnings) != len(tt.want) {
				t.Fatalf("got %v, %v; want %d warnings", warnings, err, len(tt.want))
			}
			for i, want := range tt.want {
				if got := warnings[i].String(); !strings.HasSuffix(got, want) {
					t.Errorf("got %q, want it to end with %q", got, want)
				}
			}
		})
	}
}

// The retention that was meant is not known, so nothing is said about what it would do.
func TestARefusedRetentionWarnsOfNothing(t *testing.T) {
	_, warnings, err := load(t, "retention: {log: 7d}\n"+inApp("delivery: {give_up_after: 200h}"), nil)
	if err == nil || len(warnings) > 0 {
		t.Errorf("got warnings %v and error %v, want the error alone", warnings, err)
	}
}
