package bench

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sample is callback number seq of a log with one room, each following on the one before.
func sample(seq int64) arrival {
	return arrival{
		app: firstApp, id: "1400000001-bench234-" + strconv.FormatInt(seq, 10), log: "bench234", lane: "r7",
		seq: seq, prev: seq - 1, roomSeq: seq, roomPrev: seq - 1, attempt: 1, at: time.Now(),
		body: toggle{account: accountName(timedAccount, seq)}.body("r7", 1_700_000_000_000+seq),
	}
}

// with changes a sample.
func with(a arrival, change func(*arrival)) arrival {
	change(&a)
	return a
}

func TestLedgerDetectsWhatMustNotHappen(t *testing.T) {
	otherRoom := func(a *arrival) { // the same number in the log as before, in another room
		a.lane, a.roomSeq, a.roomPrev = "r8", 1, 0
		a.body = toggle{account: "x1"}.body("r8", 1)
	}
	cases := []struct {
		name     string
		arrivals []arrival
		expected int
		want     []string // one fragment for each line; none: no problem
	}{
		{"all in order", []arrival{sample(1), sample(2), sample(3)}, 3, nil},
		{"a repeat", []arrival{sample(1), sample(1), sample(2), with(sample(1), func(a *arrival) { a.attempt = 2 })}, 2, nil},
		{"rooms overtake each other", []arrival{with(sample(2), otherRoom), sample(1)}, 2, nil},
		{"the newest is lost", []arrival{sample(1), sample(2)}, 3, []string{"1 callbacks lost: 2 came of 3"}},
		{"one in between is lost", []arrival{sample(1), sample(3)}, 3,
			[]string{"follows on Room-Seq 2; the last that came is 1", "1 callbacks a gap in a lane", "1 callbacks lost"}},
		{"one of another room is lost", []arrival{sample(1), with(sample(3), otherRoom)}, 2, []string{"1 callbacks lost"}},
		{"two change places", []arrival{sample(1), sample(3), sample(2)}, 3,
			[]string{"gap", "has Room-Seq 2 and came after 3", "1 callbacks out of order", "1 callbacks a gap"}},
		{"one more than there are", []arrival{sample(1), sample(2)}, 1, []string{"2 callbacks came, and there are 1"}},
		{"a repeat with another body", []arrival{sample(1), with(sample(1), func(a *arrival) { a.body[len(a.body)-3]++ })}, 1,
			[]string{"came again with other numbers or another body", "altered"}},
		{"a repeat with another Room-Prev", []arrival{sample(1), sample(2), with(sample(2), func(a *arrival) { a.roomPrev = 0 })}, 2,
			[]string{"came again with other numbers", "altered"}},
		{"a Room-Prev of long ago", []arrival{sample(1), sample(2), with(sample(3), func(a *arrival) { a.roomPrev = 1 })}, 3,
			[]string{"says that it follows on Room-Seq 1, and 2 came", "altered"}},
		{"another log", []arrival{sample(1), with(sample(2), func(a *arrival) { a.log, a.id = "other234", "1400000001-other234-2" })}, 2,
			[]string{"has another log", "altered"}},
		{"an id of another number", []arrival{with(sample(1), func(a *arrival) { a.seq = 2 })}, 1,
			[]string{"the number 2", "altered", "lost"}},
		{"a body of another room", []arrival{with(sample(1), func(a *arrival) { a.lane = "r9" })}, 1,
			[]string{"another RoomId", "altered", "lost"}},
		{"a Prev that is not below", []arrival{with(sample(1), func(a *arrival) { a.prev = 1 })}, 1,
			[]string{"follows on the number 1", "altered", "lost"}},
		{"a Room-Prev that is not below", []arrival{with(sample(1), func(a *arrival) { a.roomPrev = 1 })}, 1,
			[]string{"Room-Seq 1 and Room-Prev 1", "altered", "lost"}},
		{"an App that nobody has", []arrival{with(sample(1), func(a *arrival) { a.app = 1 })}, 1,
			[]string{"nobody has", "altered", "lost"}},
		{"a number beyond all", []arrival{with(sample(1), func(a *arrival) {
			a.seq = maxSeq + 1
			a.id = "1400000001-bench234-" + strconv.Itoa(maxSeq+1)
		})}, 1, []string{"follows on", "altered", "lost"}},
		{"attempt 0", []arrival{with(sample(1), func(a *arrival) { a.attempt = 0 })}, 1, []string{"attempt 0", "altered", "lost"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLedger()
			for _, a := range c.arrivals {
				a.body = slices.Clone(a.body)
				l.arrive(&a)
			}
			compare(t, l.verdict(c.expected, 0), c.want)
		})
	}
}

// compare fails unless each line holds the fragment wanted in its place.
func compare(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i := range got {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("got %q, want %q in it", got[i], want[i])
		}
	}
}

func TestCallbackThatOvertakesAHungOneIsDetected(t *testing.T) {
	l := newLedger()
	l.hang = func(_, room int) bool { return room == 7 }
	other := with(sample(3), func(a *arrival) {
		a.lane, a.roomSeq, a.roomPrev, a.body = "r8", 1, 0, toggle{account: "x1"}.body("r8", 1)
	})
	first := sample(1)
	for _, a := range []*arrival{&first, &other, &first} {
		want := silence
		if a == &other {
			want = accept
		}
		if got := l.arrive(a); got != want {
			t.Errorf("verdict %d of %s, want %d", got, a.id, want)
		}
	}
	compare(t, l.verdict(1, 0), nil)
	second := sample(2)
	l.arrive(&second)
	compare(t, l.verdict(1, 0), []string{"came while Room-Seq 1 of its lane was not answered", "1 callbacks overtook"})
}

func TestCallsOfUnknownOutcomeMayHaveCallbacks(t *testing.T) {
	l := newLedger()
	for seq := range int64(3) {
		a := sample(seq + 1)
		l.arrive(&a)
	}
	compare(t, l.verdict(2, 1), nil)
}

func TestRateCountsFromTheFirstArrivalToTheLast(t *testing.T) {
	l := newLedger()
	if got := l.rate(); got != 0 {
		t.Errorf("rate without arrivals: %v, want 0", got)
	}
	for seq := range int64(5) {
		a := sample(seq + 1)
		a.at = l.begun.Add(time.Second + time.Duration(seq)*500*time.Millisecond)
		l.arrive(&a)
	}
	if got := l.rate(); got != 2 {
		t.Errorf("rate: %v, want 2 a second", got)
	}
	if got := l.firstAt().Sub(l.begun); got != time.Second {
		t.Errorf("first arrival after %v, want 1s", got)
	}
	l.again()
	a := sample(6)
	a.at = l.begun.Add(time.Minute)
	l.arrive(&a)
	if got := l.firstAt().Sub(l.begun); got != time.Minute {
		t.Errorf("first arrival after again: %v, want 1m", got)
	}
}

func TestAwaitGivesUpWhenNothingArrives(t *testing.T) {
	l := newLedger()
	a := sample(1)
	l.arrive(&a)
	if err := l.await(t.Context(), 1, time.Hour); err != nil {
		t.Errorf("what has come was not seen: %v", err)
	}
	if err := l.await(t.Context(), 2, time.Millisecond); err == nil || !strings.Contains(err.Error(), "1 of 2") {
		t.Errorf("error %v, want one that says 1 of 2", err)
	}
}

func TestWhatWasDeliveredBeforeTheMeasurementIsNotMissed(t *testing.T) {
	l := newLedger()
	l.past = past{seq: 100, lane: 50}
	for seq := int64(101); seq < 104; seq++ {
		a := with(sample(seq), func(a *arrival) { a.roomSeq, a.roomPrev = seq-50, seq-51 })
		l.arrive(&a)
	}
	compare(t, l.verdict(3, 0), nil)
}
