package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/config"
)

// In production the documented limits count, in whatever order the keys stand.
func TestDissolveHasTheDocumentedLimits(t *testing.T) {
	for _, c := range []struct {
		name, lines string
		want        config.Dissolve
	}{
		{"none", "production: true", config.Dissolve{Empty: 30 * time.Minute}},
		{"empty section", "dissolve: {}", config.Dissolve{Empty: 30 * time.Minute}},
		{"the least", "dissolve: {empty: 10m, owner_left: 2m}\n    production: true", config.Dissolve{Empty: 10 * time.Minute, OwnerLeft: 2 * time.Minute}},
		{"the most", "dissolve: {empty: 24h, owner_left: 12h}\n    production: true", config.Dissolve{Empty: 24 * time.Hour, OwnerLeft: 12 * time.Hour}},
		{"never", "dissolve: {owner_left: 0}\n    production: true", config.Dissolve{Empty: 30 * time.Minute}},
		{"for a test", "dissolve: {empty: 1s, owner_left: 1s}\n    production: false", config.Dissolve{Empty: time.Second, OwnerLeft: time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, mustLoad(t, inApp(c.lines), nil).Apps[0].Dissolve); diff != "" {
				t.Errorf("dissolve (-want +got):\n%s", diff)
			}
		})
	}
}
