package delivery

import (
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/wire"
)

// tellBreaker logs when the breaker opens and when it closes.
func (r *reader) tellBreaker() {
	b := &r.window.breaker
	if b.Open() == r.tripped {
		return
	}
	r.tripped = b.Open()
	log := r.d.opt.Logger.With("sdkappid", r.id.App)
	if !r.tripped {
		r.d.opt.Metrics.breakersOpen.Dec()
		log.Info("the App backend answers again")
		return
	}
	r.d.opt.Metrics.breakersOpen.Inc()
	log.Warn("the App backend does not accept callbacks: one at a time is tried until it does", "next_try", b.Probe().UTC().Format(time.RFC3339Nano))
}

func (r *reader) tellHeld(h *eventlog.Held, now time.Time) {
	log := r.d.opt.Logger.With("event", wire.EventID(r.id.App, r.log, h.Next), "lane", string(h.Lane), "reason", string(h.Why))
	if h.Attempts == 0 {
		log.Info("a lane is held: more of it waits than is kept in memory; it is sent from the log")
		return
	}
	log.Warn("a lane is held: its first callback was not accepted", "the_cloud", cloudFate(r.window.attempts, h.Next),
		"next_try", h.Try.UTC().Format(time.RFC3339Nano), "in", h.Try.Sub(now).Round(time.Millisecond).String())
}

// cloudFate says in words what the documented service would have done with a callback that was just refused.
func cloudFate(attempts []eventlog.Attempt, seq int64) string {
	for i := len(attempts) - 1; i >= 0; i-- {
		if attempts[i].Seq != seq {
			continue
		}
		if attempts[i].Cloud == eventlog.Delivered {
			return "would have ignored this answer and counted the callback as delivered"
		}
		return "would have lost this callback: it does not try again"
	}
	return "unknown"
}
