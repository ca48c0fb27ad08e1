package eventlog

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestLaneNumbersItsEvents(t *testing.T) {
	cases := []struct {
		name     string
		before   LaneState
		callback bool
		now      int64
		want     Event
		after    LaneState
	}{
		{"the first, a callback", LaneState{}, true, 1000,
			Event{RoomSeq: 1, Time: 1000, Callback: true}, LaneState{Seq: 1, Callback: 1, Time: 1000}},
		{"the first, no callback", LaneState{}, false, 1000,
			Event{RoomSeq: 1, Time: 1000}, LaneState{Seq: 1, Time: 1000}},
		{"a callback after a callback", LaneState{Seq: 7, Callback: 7, Time: 1000}, true, 1001,
			Event{RoomSeq: 8, RoomPrev: 7, Time: 1001, Callback: true}, LaneState{Seq: 8, Callback: 8, Time: 1001}},
		{"a callback after others", LaneState{Seq: 7, Callback: 4, Time: 1000}, true, 1001,
			Event{RoomSeq: 8, RoomPrev: 4, Time: 1001, Callback: true}, LaneState{Seq: 8, Callback: 8, Time: 1001}},
		{"no callback keeps the last one", LaneState{Seq: 7, Callback: 4, Time: 1000}, false, 1001,
			Event{RoomSeq: 8, RoomPrev: 4, Time: 1001}, LaneState{Seq: 8, Callback: 4, Time: 1001}},
		{"the clock stands", LaneState{Seq: 7, Callback: 7, Time: 1000}, true, 1000,
			Event{RoomSeq: 8, RoomPrev: 7, Time: 1000, Callback: true}, LaneState{Seq: 8, Callback: 8, Time: 1000}},
		{"the clock goes back", LaneState{Seq: 7, Callback: 7, Time: 1000}, true, 400,
			Event{RoomSeq: 8, RoomPrev: 7, Time: 1000, Callback: true}, LaneState{Seq: 8, Callback: 8, Time: 1000}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Event{Callback: c.callback}
			after := c.before.Next(&got, c.now)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.after, after); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

// A store that has forgotten the state of a lane takes it from the lane's last row.
func TestStateOfALaneFollowsFromItsLastEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state, last := LaneState{}, int64(0)
		for i := range int64(rapid.IntRange(1, 20).Draw(t, "events")) {
			e := Event{Callback: rapid.Bool().Draw(t, "callback")}
			state = state.Next(&e, rapid.Int64Range(0, 100).Draw(t, "now"))
			if e.RoomSeq != i+1 || e.RoomPrev != last || e.Time != state.Time {
				t.Fatalf("event %d = %+v, want room_seq %d, room_prev %d", i+1, e, i+1, last)
			}
			if e.Callback {
				last = e.RoomSeq
			}
			if diff := cmp.Diff(state, After(&e)); diff != "" {
				t.Fatalf("After (-Next +After):\n%s", diff)
			}
		}
	})
}

func TestLaneTellsItsRoom(t *testing.T) {
	cases := []struct {
		lane         Lane
		room, suffix string
	}{
		{ControlLane("live-room"), "live-room", ""},
		{"live-room/members", "live-room", "/members"},
		{"live-room/messages", "live-room", "/messages"},
		{AppLane, "", "@app"},
	}
	for _, c := range cases {
		if room, suffix := c.lane.Room(); room != c.room || suffix != c.suffix {
			t.Errorf("%q.Room() = %q, %q, want %q, %q", c.lane, room, suffix, c.room, c.suffix)
		}
	}
}

func TestLogIDsAreEightLettersAndDiffer(t *testing.T) {
	form, seen := regexp.MustCompile(`^[a-z2-7]{8}$`), map[string]bool{}
	for range 1000 {
		id := NewLogID()
		if !form.MatchString(id) {
			t.Fatalf("log id %q, want 8 characters of a-z and 2-7", id)
		}
		// Of 2^40 ids, 1,000 hold an equal pair once in two million runs.
		if seen[id] {
			t.Fatalf("log id %q came twice in %d", id, len(seen))
		}
		seen[id] = true
	}
}

// Budgets are kept by Size: it must not fall behind what an event holds.
func TestSizeGrowsWithEveryTextOfAnEvent(t *testing.T) {
	var empty Event
	text := "0123456789"
	for name, e := range map[string]Event{
		"Lane": {Lane: Lane(text)}, "Command": {Command: text}, "Operator": {Operator: text},
		"ClientIP": {ClientIP: text}, "Cause": {Cause: text}, "Body": {Body: []byte(text)},
	} {
		if got, want := e.Size()-empty.Size(), len(text); got != want {
			t.Errorf("Size with a %s of %d bytes grows by %d", name, want, got)
		}
	}
}

// The numbers are stored: one that changes turns old attempts into others.
func TestVerdictsKeepTheirNumbersAndNames(t *testing.T) {
	for number, want := range map[Verdict]string{
		0: "unknown", 1: "delivered", 2: "retry", 3: "failed", 4: "discarded", 5: "given up", 6: "unknown",
	} {
		if got := number.String(); got != want {
			t.Errorf("verdict %d is %q, want %q", int(number), got, want)
		}
	}
	if got := []Verdict{Delivered, Retry, Failed, Discarded, GivenUp}; !cmp.Equal(got, []Verdict{1, 2, 3, 4, 5}) {
		t.Errorf("verdicts = %d, want 1 to 5", got)
	}
}

func TestReasonsOfTheProductFitTheirLimit(t *testing.T) {
	if len(Behind) > MaxReason {
		t.Errorf("Behind has %d bytes, want at most %d", len(Behind), MaxReason)
	}
}
