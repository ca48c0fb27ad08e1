package config_test

import (
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
