package live

import (
	"errors"
	"testing"
	"time"
)

// spoken is a state with one room and the mute of a.
type spoken struct {
	alone
	mute *Mute
}

func (s spoken) Part(id PartID) Part {
	if s.mute != nil && id == MuteOf("r1", "a") {
		return s.mute
	}
	return nil
}

func TestWhoMaySpeak(t *testing.T) {
	now := time.Unix(1000, 999)
	for _, c := range []struct {
		name     string
		mute     *Mute
		disabled bool
		account  Account
		muted    bool
	}{
		{"somebody", nil, false, "a", false},
		{"muted", &Mute{Until: 1001}, false, "a", true},
		{"muted until now", &Mute{Until: 1000}, false, "a", false},
		{"another is muted", &Mute{Until: 1001}, false, "b", false},
		{"all of the room", nil, true, "a", true},
		{"all but the owner", nil, true, "owner", false},
		{"all but administrators", nil, true, "admin", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			room := &Room{ID: "r1", Owner: "owner", Administrators: []Account{"admin"}, IsMessageDisabled: c.disabled}
			err := muted(spoken{alone{room}, c.mute}, room, c.account, now)
			refusal := (*Error)(nil)
			if got := errors.As(err, &refusal) && refusal.Kind == MemberMuted; got != c.muted || (err != nil) != c.muted {
				t.Errorf("muted: %v, want %t", err, c.muted)
			}
		})
	}
}
