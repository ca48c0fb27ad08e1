package config

import "time"

// The limits of an App in production. Spec: rest-api, destroy_room, automatic
// dissolution.
const (
	minEmpty     = 10 * time.Minute
	maxEmpty     = 24 * time.Hour
	minOwnerLeft = 2 * time.Minute
	maxOwnerLeft = 12 * time.Hour
	// minDissolve is for tests, which do not want to wait: that often it is
	// looked at what is due.
	minDissolve = time.Second
)

// dissolve reads when rooms end by themselves.
func (l *loader) dissolve(v value, production bool, dst *Dissolve) {
	empty, ownerLeft := minDissolve, minDissolve
	if production {
		empty, ownerLeft = minEmpty, minOwnerLeft
	}
	l.section(v,
		field{"empty", l.durationWithin(&dst.Empty, empty, maxEmpty)},
		field{"owner_left", l.durationOrNever(&dst.OwnerLeft, ownerLeft, maxOwnerLeft)},
	)
}
