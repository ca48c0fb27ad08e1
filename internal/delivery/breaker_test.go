package delivery_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func TestADeadBackendIsProbedByOneCallAtATimeOfAnotherLane(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(always(status(500)))
		w.rooms(20)
		w.pass(time.Second)
		if got := w.d.Used(); got != 0 {
			t.Errorf("%d bytes are in memory while the backend is dead, want none", got)
		}
		w.backend.take()
		w.backend.peak()
		lanes := map[string]bool{}
		w.pass(30 * time.Second) // probes 2, 4, 8 and 15 s apart
		calls := w.backend.take()
		for _, c := range calls {
			lanes[c.Lane] = true
		}
		if len(calls) < 3 || len(calls) > 5 || len(lanes) != len(calls) {
			t.Errorf("%d probes of %d lanes in 30 s, want 3 to 5, each of another lane", len(calls), len(lanes))
		}
		if got := w.backend.peak(); got != 1 {
			t.Errorf("%d calls were in flight at one time, want 1", got)
		}
		if told := w.logs.with("one at a time is tried"); len(told) != 1 {
			t.Errorf("the log tells %d times that the backend is dead, want once: %q", len(told), told)
		}
	})
}

func TestEverythingArrivesSoonAfterADeadBackendIsBack(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(always(status(500)))
		w.rooms(20)
		w.pass(10 * time.Minute)
		for _, room := range []live.RoomID{"r00", "r19"} {
			w.modify(room, 5)
		}
		w.backend.take()
		w.backend.reply(always(accept))
		w.pass(20 * time.Second) // a probe at most 15 s later, and lanes whose timers had stood still
		got := map[string]int{}
		for _, c := range w.backend.take() {
			if got[c.Lane] >= c.RoomSeq {
				t.Errorf("lane %s: number %d after %d", c.Lane, c.RoomSeq, got[c.Lane])
			}
			got[c.Lane] = c.RoomSeq
		}
		if len(got) != 20 || got["r00"] != 7 || got["r19"] != 7 {
			t.Errorf("last numbers of the lanes: %v; want all 20 lanes, r00 and r19 up to 7", got)
		}
	})
}

func TestAppBackendThatAsksToWaitIsLeftAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.backend.reply(always(later(429, 30*time.Second)))
		w.modify("r1", 1)
		w.wantCalls("r1.1")
		w.backend.reply(always(accept))
		w.modify("r2", 1)
		w.pass(29 * time.Second)
		w.wantCalls()
		w.pass(2 * time.Second)
		w.wantCalls("r1.1", "r2.1") // as the first attempt: nothing was counted
	})
}

func TestWaitIsAtMostFiveMinutes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.backend.reply(always(later(503, 24*time.Hour)))
		w.modify("r1", 1)
		w.wantCalls("r1.1")
		w.backend.reply(always(accept))
		w.pass(5*time.Minute + time.Second)
		w.wantCalls("r1.1")
	})
}

func TestHungAppsLeaveSlotsToOthers(t *testing.T) {
	inWorldWith(t, func(o *delivery.Options) { o.InFlight = 16 }, func(w *world) {
		w.configure(app2, nil)
		w.do(app2, live.CreateRoom{Room: "r1", Type: live.RoomType, Owner: "owner"})
		w.backend.reply(func(c call) reply {
			if c.App == app1.String() {
				return hang
			}
			return accept
		})
		w.crowd(40)
		synctest.Wait()
		w.backend.take()
		w.modifyOf(app2, "r1", 2)
		w.wantCalls("r1.1", "r1.2")
	})
}

func TestAResendOnAFreshConnectionIsAnAttemptAndNoFailure(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.backend.reply(func(c call) reply {
			if c.Attempt == 1 {
				return resent(500)
			}
			return accept
		})
		w.modify("r1", 1)
		w.pass(time.Minute)
		w.wantCalls("r1.1", "r1.1#3")
	})
}

func TestEventsOfAnUnknownCommitAreFoundInTheLog(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.pass(time.Second)
		w.tap = func([]eventlog.Event) bool { return false } // as after a COMMIT of unknown outcome
		w.modify("r1", 1)
		w.wantCalls()
		w.d.HandOver(app1, nil)
		w.wantCalls("r1.1")
	})
}

// later answers with a Retry-After.
func later(code int, wait time.Duration) reply {
	return func(context.Context, egress.Request) egress.Answer {
		return egress.Answer{Status: code, RetryAfter: wait}
	}
}

// resent answers what egress has sent twice.
func resent(code int) reply {
	return func(context.Context, egress.Request) egress.Answer { return egress.Answer{Status: code, Resent: true} }
}
