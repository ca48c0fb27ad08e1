package bench

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLatencyCountsFromTheIntendedStart(t *testing.T) {
	times := newTimeline(4)
	begun := times.begun.Add(time.Second)
	body := func(account int64, gone bool) []byte {
		return toggle{account: accountName(timedAccount, account), gone: gone}.body("r1", 0)
	}
	for i, gone := range []bool{false, true} {
		times.intend(key(1, gone), begun.Add(time.Duration(i)*time.Second))
	}
	times.intend(key(2, false), begun)
	times.arrive(body(1, false), begun.Add(30*time.Millisecond))
	times.arrive(body(1, true), begun.Add(time.Second+2*time.Millisecond))
	times.arrive(body(1, true), begun.Add(time.Hour))                         // a repeat
	times.arrive(body(4_000_000, false), begun)                               // of nobody
	times.arrive(toggle{account: "x2"}.body("r1", 0), begun.Add(time.Second)) // not timed
	got, unanswered := times.latencies()
	if diff := cmp.Diff([]float64{2, 30}, got); diff != "" {
		t.Errorf("latencies (-want +got):\n%s", diff)
	}
	if unanswered != 1 {
		t.Errorf("%d without an arrival, want 1", unanswered)
	}
}

func TestOpenLoopMakesEveryCallWhateverTheOthersDo(t *testing.T) {
	const rate, n = 10_000, 200
	release := make(chan struct{})
	var mu sync.Mutex
	starts := make([]time.Time, n)
	var left sync.WaitGroup
	left.Add(n - 1)
	go func() {
		left.Wait()
		close(release)
	}()
	late, err := openLoop(t.Context(), rate, n*time.Second/rate, func(i int, intended time.Time) {
		mu.Lock()
		starts[i] = intended
		mu.Unlock()
		if i == 0 {
			<-release // a call that is stuck until all others were made
			return
		}
		left.Done()
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(late) != n {
		t.Errorf("%d calls were made, want %d", len(late), n)
	}
	for i := range starts {
		if got, want := starts[i].Sub(starts[0]), time.Duration(i)*time.Second/rate; got != want {
			t.Errorf("call %d was to be made %v after the first, want %v", i, got, want)
		}
	}
}

func TestOpenLoopEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := openLoop(ctx, 1_000, time.Hour/100, func(int, time.Time) { cancel() })
	if err == nil {
		t.Error("it went on to its end")
	}
}

func TestPacerIsNeverEarly(t *testing.T) {
	p, err := newPacer()
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	for _, wait := range []time.Duration{-time.Second, 0, 50 * time.Microsecond, 2 * time.Millisecond} {
		at := time.Now().Add(wait)
		if err := p.until(at); err != nil {
			t.Fatal(err)
		}
		if early := time.Until(at); early > 0 {
			t.Errorf("a wait of %v ended %v too early", wait, early)
		}
	}
}
