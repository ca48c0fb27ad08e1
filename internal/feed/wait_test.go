package feed_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
)

// bubble runs a test whose clock is its own.
func bubble(t *testing.T, test func(*world), options ...func(*feed.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, openSQLite(t), options...)
		defer w.end()
		test(w)
	})
}

// pass lets time go by.
func (*world) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// wantIDs compares the events that have come to a stream.
func (w *world) wantIDs(what string, s *sink, seqs ...int64) {
	w.Helper()
	w.pass(50 * time.Millisecond) // events that follow on each other come together
	var want []string
	for _, seq := range seqs {
		want = append(want, fmt.Sprintf("%s.%d", testLog, seq))
	}
	if diff := cmp.Diff(want, ids(s.take())); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// wantAnswer waits for the answer to a long poll and compares the numbers in it.
func (w *world) wantAnswer(what string, s *sink, seqs []int64, next string) {
	w.Helper()
	<-s.done
	p := w.readPage(s.status, s.take())
	if diff := cmp.Diff(seqs, p.seqs()); diff != "" || p.Next != next {
		w.Errorf("%s: Next %s, want %s (-want +got):\n%s", what, p.Next, next, diff)
	}
}

func TestALongPollIsWokenByACommit(t *testing.T) {
	bubble(t, func(w *world) {
		begun := time.Now()
		first := w.open(poll("events?wait=30s"))
		other := w.open(poll("events?wait=30s&lane=r2"))
		w.create("r1")
		w.wantAnswer("the first event", first, []int64{1}, "abcdefgh.1")
		if other.answered() {
			t.Fatal("who waits for another lane was woken")
		}
		again := w.open(poll("events?after=abcdefgh.1&wait=30s"))
		w.create("r2")
		w.wantAnswer("the next event", again, []int64{2}, "abcdefgh.2")
		w.wantAnswer("the lane", other, []int64{2}, "abcdefgh.2")
		if took := time.Since(begun); took > 100*time.Millisecond {
			t.Errorf("it took %s, want it at once", took)
		}
	})
}

func TestALongPollEndsWithAnEmptyPageWhenItsTimeIsOver(t *testing.T) {
	bubble(t, func(w *world) {
		w.create("r1")
		begun := time.Now()
		s := w.open(poll("events?after=abcdefgh.1&wait=60s"))
		w.wantAnswer("nothing happened", s, nil, "abcdefgh.1")
		if took := time.Since(begun); took != time.Minute {
			t.Errorf("it took %s, want 60 s", took)
		}
	})
}

func TestWhatAnotherProcessCommitsIsSeenWithinASecond(t *testing.T) {
	bubble(t, func(w *world) {
		s, long := w.open(stream("events")), w.open(poll("events?wait=30s"))
		w.append(event("r1", "{}"))
		begun := time.Now()
		w.wantAnswer("the event of another process", long, []int64{1}, "abcdefgh.1")
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it took %s, want at most a second", took)
		}
		w.wantIDs("the stream", s, 1)
		s.leave()
	})
}

func TestWhoDoesNotWaitSeesAtOnceWhatAnotherProcessHasCommitted(t *testing.T) {
	bubble(t, func(w *world) {
		s := w.open(stream("events"))
		w.append(event("r1", "{}"))
		w.wantPage("events?after=abcdefgh.0", []int64{1}, 1, 1)
		s.leave()
	})
}

func TestAStreamGoesOnAfterTheLastEventID(t *testing.T) {
	bubble(t, func(w *world) {
		w.create("r1")
		w.modify("r1", 3)
		req := stream("events?after=abcdefgh.1")
		s := w.open(req)
		if got := s.header.Get("Content-Type"); got != "text/event-stream" || s.status != http.StatusOK {
			t.Errorf("HTTP %d, %s", s.status, got)
		}
		w.wantIDs("after a position", s, 2, 3, 4)
		w.modify("r1", 2)
		w.wantIDs("what comes", s, 5, 6)
		req.Header.Set("Last-Event-ID", "abcdefgh.5")
		again := w.open(req)
		w.wantIDs("after the last id", again, 6)
		lane := w.open(stream("events?lane=r2"))
		w.create("r2")
		w.wantIDs("a lane", lane, 7)
		w.wantIDs("all", again, 7)
		for _, s := range []*sink{s, again, lane} {
			s.leave()
			<-s.done
		}
	})
}

// A reader that is served late is not a slow one.
func TestAStreamGoesOnAfterALongQuietTime(t *testing.T) {
	bubble(t, func(w *world) {
		s := w.open(stream("events"))
		for i := range int64(3) {
			w.pass(time.Hour)
			s.take()
			w.append(event("r", `"`+strings.Repeat("x", 50_000)+`"`))
			w.pass(time.Second)
			w.wantIDs("after an hour", s, i+1)
		}
		s.leave()
	})
}

func TestAnEventOfAStreamIsThatOfAPage(t *testing.T) {
	bubble(t, func(w *world) {
		w.do(live.CreateRoom{Room: "r1", Type: live.RoomType, Owner: "<b>&"})
		s := w.open(stream("events"))
		defer s.leave()
		_, page := w.get("events")
		one := page[strings.Index(page, "[")+1 : strings.Index(page, `],"Next"`)]
		if diff := cmp.Diff("id: abcdefgh.1\ndata: "+one+"\n\n", s.take()); diff != "" {
			t.Errorf("stream (-want +got):\n%s", diff)
		}
	})
}

func TestAnIdleStreamHasAHeartbeat(t *testing.T) {
	bubble(t, func(w *world) {
		s := w.open(stream("events"))
		w.pass(14 * time.Second)
		if got := s.take(); got != "" {
			t.Errorf("%q came before its time", got)
		}
		w.pass(32 * time.Second)
		if got := s.take(); got != ":\n\n:\n\n:\n\n" {
			t.Errorf("%q came in 46 seconds, want three comments", got)
		}
		s.leave()
	})
}

func TestAStreamOfAPositionThatIsGoneSaysSoAndEnds(t *testing.T) {
	bubble(t, func(w *world) {
		w.create("r1")
		w.modify("r1", 2)
		w.forget(1)
		for _, after := range []string{"zzzzzzzz.1", "abcdefgh.0", "abcdefgh.9"} {
			s := w.open(stream("events?after=" + after))
			got := s.take()
			begin, end := "event: reset\ndata: {\"Error\":\"", "\"Log\":\"abcdefgh\",\"Oldest\":\"abcdefgh.1\",\"Head\":\"abcdefgh.3\"}\n\n"
			if !strings.HasPrefix(got, begin) || !strings.HasSuffix(got, end) || !s.answered() {
				t.Errorf("after %s: %q, want a reset", after, got)
			}
		}
	})
}

func TestAReaderThatStopsReadingIsCutOffAndHurtsNobody(t *testing.T) {
	reg := prometheus.NewRegistry()
	bubble(t, func(w *world) {
		s, stuck := w.open(stream("events")), w.openAt(stream("events"), true)
		begun := time.Now()
		w.create("r1")
		for i := range int64(9) {
			w.wantIDs("the other reader", s, i+1)
			w.modify("r1", 1)
			w.pass(time.Second)
		}
		if stuck.answered() {
			t.Error("it was cut off before its time")
		}
		<-stuck.done
		if took := time.Since(begun); took > 11*time.Second {
			t.Errorf("it was cut off after %s, want 10 s", took)
		}
		w.wantIDs("the other reader, when it is gone", s, 10)
		if got := metric(t, reg, "callboard_feed_slow_total"); got != 1 {
			t.Errorf("%v readers are counted as slow, want 1", got)
		}
		s.leave()
	}, func(o *feed.Options) { o.Metrics = feed.NewMetrics(reg) })
}

// metric is the value of one without labels.
func metric(t *testing.T, reg prometheus.Gatherer, name string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue() + f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}

func TestBeyondItsLimitAReaderIsAskedToComeAgain(t *testing.T) {
	bubble(t, func(w *world) {
		first, second := w.open(stream("events")), w.open(poll("events?wait=30s"))
		third := w.open(stream("events"))
		if third.status != http.StatusServiceUnavailable || third.header.Get("Retry-After") == "" {
			t.Errorf("HTTP %d %v, want 503 with Retry-After", third.status, third.header)
		}
		if status, _ := w.get("head"); status != http.StatusOK {
			t.Errorf("head is answered %d while all places are taken", status)
		}
		first.leave()
		<-first.done
		fourth := w.open(stream("events"))
		if fourth.status != http.StatusOK {
			t.Errorf("HTTP %d when there is a place again", fourth.status)
		}
		fourth.leave()
		second.leave()
	}, func(o *feed.Options) { o.Readers = 4 })
}

func TestAllWaitingEndsAtOnceWhenTheServerStops(t *testing.T) {
	bubble(t, func(w *world) {
		w.create("r1")
		s, long, stuck := w.open(stream("events")), w.open(poll("events?after=abcdefgh.1&wait=30s")), w.openAt(stream("events"), true)
		begun := time.Now()
		w.feed.Close()
		w.wantAnswer("the long poll", long, nil, "abcdefgh.1")
		<-s.done
		if took := time.Since(begun); took != 0 {
			t.Errorf("who waits was kept for %s", took)
		}
		<-stuck.done
		if took := time.Since(begun); took > time.Second {
			t.Errorf("who takes nothing was kept for %s", took)
		}
		if late := w.open(stream("events")); late.status != http.StatusServiceUnavailable {
			t.Errorf("a call after the end is answered %d, want 503", late.status)
		}
	})
}

func TestWhoseTokenIsTakenAwayReadsNoFurther(t *testing.T) {
	bubble(t, func(w *world) {
		s, idle := w.open(stream("events")), w.open(stream("events?lane=r9"))
		w.create("r1")
		w.wantIDs("with the token", s, 1)
		w.do(live.ConfigureApp{App: live.App{ID: testApp, Tokens: []string{"fedcba9876543210"}}})
		w.create("r2")
		<-s.done
		w.wantIDs("without it", s)
		<-idle.done
	})
}

func TestAnAppWithoutReadersHasNoGoroutineAfterAWhile(t *testing.T) {
	bubble(t, func(w *world) {
		s := w.open(stream("events"))
		w.create("r1")
		s.leave()
		<-s.done
		if got := w.feed.Tails(); got != 1 {
			t.Errorf("%d Apps are followed just after the last reader left, want 1: a long poll comes again", got)
		}
		w.pass(10 * time.Second)
		if got := w.feed.Tails(); got != 0 {
			t.Errorf("%d Apps are followed without readers, want none", got)
		}
		w.modify("r1", 1) // wakes nobody
		w.wantPage("events", []int64{1, 2}, 2, 2)
	})
}
