package delivery

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// turnstile drives slots as readers do, and keeps the truth beside them.
type turnstile struct {
	t       *rapid.T
	s       *slots
	seats   []*seat
	called  []int    // how often each was called
	flying  [][]rank // slots that each holds
	joined  []int    // when each began to wait; 0: it does not
	as      []rank   // the line that it waits in
	clock   int
	kept    int
	waiting int
}

func newTurnstile(t *rapid.T, limit, records, readers int) *turnstile {
	x := &turnstile{
		t: t, s: newSlots(limit, records), called: make([]int, readers), flying: make([][]rank, readers), joined: make([]int, readers),
		as: make([]rank, readers),
	}
	for i := range readers {
		x.seats = append(x.seats, &seat{call: func() { x.served(i) }})
	}
	return x
}

// served checks that nobody of the same line waits for longer.
func (x *turnstile) served(i int) {
	x.called[i]++
	for j, since := range x.joined {
		if j != i && since != 0 && since < x.joined[i] && x.as[j] == x.as[i] {
			x.t.Fatalf("reader %d was served before reader %d, which waits for longer", i, j)
		}
	}
	x.joined[i] = 0
}

func (x *turnstile) take(i int, as rank) {
	if x.joined[i] == 0 || as < x.as[i] {
		x.clock++
		x.joined[i], x.as[i] = x.clock, as
	}
	got, ok := x.s.take(x.seats[i], as)
	if !ok {
		if x.seats[i].ticket == 0 {
			x.t.Fatalf("reader %d has no slot and waits for none", i)
		}
		return
	}
	x.joined[i] = 0
	x.flying[i] = append(x.flying[i], got)
}

func (x *turnstile) leave(i int) {
	x.s.leave(x.seats[i])
	x.joined[i] = 0
}

func (x *turnstile) give(i, n int, recorded bool) {
	as := x.flying[i][n]
	x.flying[i] = slices.Delete(x.flying[i], n, n+1)
	if recorded {
		x.kept++
	}
	x.s.give(as, recorded)
}

func (x *turnstile) check() {
	inFlight, suspects := 0, 0
	count := func(as rank) {
		inFlight++
		if as == suspect {
			suspects++
		}
	}
	for i, seat := range x.seats {
		for _, as := range x.flying[i] {
			count(as)
		}
		if seat.served {
			count(seat.granted)
			if x.called[i] == 0 {
				x.t.Fatalf("reader %d has a slot and was not told", i)
			}
		}
		if seat.served && seat.ticket != 0 {
			x.t.Fatalf("reader %d has a slot and still waits", i)
		}
	}
	switch {
	case inFlight != x.s.flying || suspects != x.s.suspects || x.kept != x.s.kept:
		x.t.Fatalf("%d slots, %d of suspects and %d records are counted, want %d, %d and %d",
			x.s.flying, x.s.suspects, x.s.kept, inFlight, suspects, x.kept)
	case inFlight > x.s.limit:
		x.t.Fatalf("%d are in flight, want at most %d", inFlight, x.s.limit)
	case suspects > max(x.s.limit/2, 1):
		x.t.Fatalf("%d suspects are in flight, want at most half of %d", suspects, x.s.limit)
	case x.s.idle():
		x.t.Fatal("a slot is free that somebody waits for")
	}
}

func TestSlotsAreNeverTooManyNeverIdleAndServedInTheOrderOfWaiting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		readers := rapid.IntRange(1, 12).Draw(t, "readers")
		x := newTurnstile(t, rapid.IntRange(1, 20).Draw(t, "limit"), rapid.IntRange(1, 30).Draw(t, "records"), readers)
		anybody := rapid.IntRange(0, readers-1)
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				x.take(anybody.Draw(t, "reader"), rapid.SampledFrom([]rank{small, big, suspect}).Draw(t, "rank"))
			},
			"give": func(t *rapid.T) {
				i := anybody.Draw(t, "reader")
				skipUnless(t, len(x.flying[i]) > 0)
				x.give(i, rapid.IntRange(0, len(x.flying[i])-1).Draw(t, "which"), rapid.Bool().Draw(t, "recorded"))
			},
			"leave": func(t *rapid.T) { x.leave(anybody.Draw(t, "reader")) },
			"store": func(t *rapid.T) {
				skipUnless(t, x.kept > 0)
				n := rapid.IntRange(1, x.kept).Draw(t, "n")
				x.kept -= n
				x.s.stored(n)
			},
			"keep": func(t *rapid.T) {
				x.kept++
				x.s.keep(1)
			},
			"": func(*rapid.T) { x.check() },
		})
		x.drain()
	})
}

// drain ends what is in flight and stores what is recorded until everybody who waits was served.
func (x *turnstile) drain() {
	for range 100 {
		x.s.stored(x.kept)
		x.kept = 0
		x.check()
		for i := range x.seats {
			for len(x.flying[i]) > 0 {
				x.give(i, 0, false)
				x.check()
			}
			if x.seats[i].served {
				x.take(i, x.as[i])
			}
		}
	}
	for i, seat := range x.seats {
		if seat.ticket != 0 || seat.served {
			x.t.Fatalf("reader %d still waits", i)
		}
	}
	if x.s.flying != 0 {
		x.t.Fatalf("%d slots are lost", x.s.flying)
	}
}

// Whoever waits as one with many attempts in flight, or as a suspect, and then has none or was accepted, waits no longer
// behind all who have few.
func TestAReaderWhoseStandingGetsBetterChangesTheLine(t *testing.T) {
	for _, before := range []rank{big, suspect} {
		s := newSlots(8, 100)
		busy := &seat{call: func() {}}
		for range 6 { // the last quarter is for small ones
			s.take(busy, small)
		}
		for range 2 {
			s.take(busy, small)
		}
		late, was := &seat{call: func() {}}, &seat{call: func() {}}
		if _, ok := s.take(was, before); ok {
			t.Fatal("there was a slot")
		}
		others := make([]*seat, 50)
		for i := range others {
			others[i] = &seat{call: func() {}}
			s.take(others[i], small)
		}
		s.take(was, small) // its standing is better now
		s.take(late, small)
		served := 0
		for range len(others) + 1 {
			s.give(small, false)
			if was.served {
				break
			}
			served++
		}
		if served != len(others) || late.served {
			t.Errorf("as rank %d before: served after %d others, want after the %d that came before, and before the next", before, served, len(others))
		}
	}
}

func TestSlotsGiveMemoryBackOfLinesThatWereLong(t *testing.T) {
	s := newSlots(1, 10)
	first := &seat{call: func() {}}
	s.take(first, small)
	for range 1000 {
		for range 100 { // join and leave: a line of who has left
			who := &seat{call: func() {}}
			s.take(who, small)
			s.leave(who)
		}
		if n := len(s.lines[small].places); n > 20_000 {
			t.Fatalf("the line has %d places, and nobody waits", n)
		}
	}
}

func BenchmarkSlotsWithManyWaiting(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("waiting=%d", n), func(b *testing.B) {
			s := newSlots(100, 1000)
			var seats []*seat
			queue := make(chan *seat, n+200)
			for range n + 100 {
				who := &seat{}
				who.call = func() { queue <- who }
				seats = append(seats, who)
				s.take(who, small)
			}
			for b.Loop() {
				s.give(small, false)
				who := <-queue
				s.take(who, small)
				s.take(who, small)
			}
			_ = seats
		})
	}
}
