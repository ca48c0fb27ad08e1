package bench

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

func startTestReceiver(t *testing.T, addresses int) *receiver {
	t.Helper()
	r, err := startReceiver(addresses)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.stop)
	return r
}

// events are the first callbacks of one room.
func events(n int) []*eventlog.Event {
	var lane eventlog.LaneState
	list := make([]*eventlog.Event, n)
	for i := range list {
		t := toggle{account: accountName(silentAccount, int64(i)), gone: i%2 == 1}
		list[i] = t.event(roomName(3), &lane, int64(i+1), time.UnixMilli(1_700_000_000_000))
	}
	return list
}

func TestReceiverChecksWhatEverySenderPosts(t *testing.T) {
	cases := []struct {
		name string
		send []int // indexes of events
		want []string
	}{
		{"in order", []int{0, 1, 2}, nil},
		{"one is lost", []int{0, 2}, []string{"gap", "1 callbacks a gap", "1 callbacks lost"}},
		{"two change places", []int{0, 2, 1}, []string{"gap", "out of order", "1 callbacks out of order", "1 callbacks a gap"}},
	}
	for _, client := range clients {
		for _, c := range cases {
			t.Run(client+", "+c.name, func(t *testing.T) {
				r := startTestReceiver(t, 1)
				l := newLedger()
				r.use(l)
				posters, done, err := newPosters(client, r.url(0), 1)
				if err != nil {
					t.Fatal(err)
				}
				defer done()
				all := events(3)
				for _, i := range c.send {
					if err := posters[0].post(t.Context(), all[i]); err != nil {
						t.Fatal(err)
					}
				}
				compare(t, l.verdict(3, 0), c.want)
			})
		}
	}
}

func TestReceiverNotesARequestThatIsNoCallback(t *testing.T) {
	r := startTestReceiver(t, 1)
	l := newLedger()
	r.use(l)
	resp, err := http.Post(r.url(0), "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	compare(t, l.verdict(0, 0), []string{"altered", "1 callbacks altered"})
}

func TestReceiverThatIsOffRefusesAndComesBackOnItsAddress(t *testing.T) {
	r := startTestReceiver(t, 2)
	p, done, err := newPosters(clientShipped, r.url(1), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	e := events(1)[0]
	for _, step := range []struct {
		name  string
		do    func() error
		works bool
	}{
		{"on", func() error { return nil }, true},
		{"off", func() error { r.off(); return nil }, false},
		{"on again", r.on, true},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if err := p[0].post(t.Context(), e); (err == nil) != step.works {
			t.Errorf("%s: error %v, want that it works: %v", step.name, err, step.works)
		}
	}
}

func TestHungCallbackEndsWhenTheReceiverForgives(t *testing.T) {
	r := startTestReceiver(t, 1)
	l := newLedger()
	hung := make(chan struct{}, 1)
	l.hang = func(int, int) bool { hung <- struct{}{}; return true }
	r.use(l)
	p, done, err := newPosters(clientNetHTTP, r.url(0), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- p[0].post(ctx, events(1)[0]) }()
	<-hung
	if err := r.forgive(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want a connection that was cut", err)
	}
	if err := p[0].post(ctx, events(1)[0]); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestOneBackendFailsWhileTheOthersAreWell(t *testing.T) {
	r := startTestReceiver(t, 2)
	p, done, err := newPosters(clientNetHTTP, r.url(0), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	other, otherDone, err := newPosters(clientNetHTTP, r.url(1), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer otherDone()
	e := events(1)[0]
	r.fronts[0].off()
	if err := p[0].post(t.Context(), e); err == nil {
		t.Error("a backend that is off took a callback")
	}
	if err := other[0].post(t.Context(), e); err != nil {
		t.Errorf("the other: %v", err)
	}
	if err := r.fronts[0].on(r); err != nil {
		t.Fatal(err)
	}
	l := newLedger()
	answers := []verdict{refuse, accept}
	l.mood = func(int, time.Time) (v verdict) { v, answers = answers[0], answers[1:]; return v }
	r.use(l)
	if err := p[0].post(t.Context(), e); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("error %v, want a 500", err)
	}
	if err := p[0].post(t.Context(), e); err != nil {
		t.Errorf("when it is well: %v", err)
	}
	compare(t, l.verdict(1, 0), nil)
}

func TestSlowBackendHoldsItsAnswerBack(t *testing.T) {
	const wait = 30 * time.Millisecond
	r := startTestReceiver(t, 1)
	s := newScript(1, 4, 1)
	s.apps[0].wait = func(time.Duration) time.Duration { return wait }
	s.expect(0, 3, add, 0, s.begun)
	l := newLedger()
	l.script = s
	r.use(l)
	p, done, err := newPosters(clientNetHTTP, r.url(0), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	e, begun := events(1)[0], time.Now()
	e.Body = toggle{account: accountName(mixedName, 0)}.body(roomName(3), e.Time)
	if err := p[0].post(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took < wait {
		t.Errorf("the answer came after %v, want %v", took, wait)
	}
	compare(t, l.verdict(1, 0), nil)
}
