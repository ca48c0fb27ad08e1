package live

import (
	"fmt"
	"hash/fnv"
	"slices"
	"time"
)

const (
	// MaxMembersOfCall is the most accounts that are banned, unbanned or muted by one call. Spec: REST 4.2.
	MaxMembersOfCall = 20
	// MaxSeconds is the longest ban or mute: a hundred years.
	MaxSeconds = 100 * 365 * 24 * 3600
	// sweepWithin is the time in which a ban or a mute that is over leaves the store. Nobody waits for it, and what ends in one
	// second does not become work of one second.
	sweepWithin = time.Hour
)

// lasting is a part that is over by itself: it counts no more from a second on, and is swept away some time later.
type lasting interface {
	Part
	until() int64 // Unix seconds
}

// sweepAfter is a time in the hour after the end of a part at which it can be swept, in Unix milliseconds.
func sweepAfter(id PartID, until int64) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id.Room + "\n" + RoomID(id.Key)))
	return until*1000 + int64(h.Sum32())%sweepWithin.Milliseconds()
}

// expireOnDue is what is done with such a part when it is due.
func expireOnDue(id PartID) RoomCommand { return expire{id} }

// expire sweeps a part away that is over.
type expire struct{ part PartID }

func (expire) Name() string   { return "expire" }
func (c expire) Names() Names { return Names{Room: c.part.Room, Parts: []PartID{c.part}} }
func (expire) Check() error   { return nil }

// Apply leaves what is not over: it was given another time meanwhile.
func (c expire) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	out := Outcome{Room: s.Room(c.part.Room)}
	if p, ok := s.Part(c.part).(lasting); ok && now.Unix() >= p.until() {
		out.Parts = []PartChange{{ID: c.part}}
	}
	return out, nil
}

// checkMembers refuses a list of accounts that is empty, too long, or has a bad one in it.
func checkMembers(field string, accounts []Account, limit int) error {
	if len(accounts) == 0 {
		return invalid("%s is empty; it takes 1 to %d accounts", field, limit)
	}
	for i, a := range accounts {
		if err := a.Check(field); err != nil { // only then the entry needs a name of its own
			return a.Check(fmt.Sprintf("%s[%d]", field, i))
		}
	}
	if n := len(distinct(accounts)); n > limit {
		return invalid("%s has %d accounts; at most %d are allowed", field, n, limit)
	}
	return nil
}

func checkSeconds(field string, least, seconds int64) error {
	if seconds < least || seconds > MaxSeconds {
		return invalid("%s is %d; %d to %d seconds are allowed", field, seconds, least, MaxSeconds)
	}
	return nil
}

// notOwner refuses to do something to the owner of a room.
func notOwner(room *Room, accounts []Account, what string) error {
	if i := slices.Index(accounts, room.Owner); i >= 0 {
		return invalid("MemberList_Account[%d] is the owner of the room, who cannot be %s", i, what)
	}
	return nil
}

// inUTC is a time in Unix seconds as a person reads it.
func inUTC(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }
