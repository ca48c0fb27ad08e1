package delivery

import (
	"time"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// dispatch sends what can be sent now.
func (r *reader) dispatch(now time.Time) {
	if r.window.standing() {
		r.leaveLines()
	}
	if r.window.rest(now) || r.window.standing() && (r.follows && !r.again() || r.stuck()) {
		r.reread() // nothing is kept in memory for an App backend that is not there
	}
	to := r.adopt(now)
	r.takeTurns()
	for r.window.flying < r.allowed() && !now.Before(r.pause) && !now.Before(r.later) && r.unhurried(now) && r.window.wants(now, r.quota()) && !r.d.ending() {
		as, ok := r.d.slots.take(&r.seat, r.rank())
		if !ok {
			return // it is called
		}
		if !r.launch(to, as, now) {
			r.d.slots.give(as, false)
			break
		}
	}
	r.d.slots.leave(&r.seat)
	r.passTurns()
}

// rank is that of the reader before the slots. What is sent again lets go before what is sent at first.
func (r *reader) rank() rank {
	switch {
	case r.doubt || r.window.breaker.Open():
		return suspect
	case r.window.flying < fewInFlight && !r.again():
		return small
	}
	return big
}

// adopt returns where to send. When the settings have changed, failing lanes need not wait out what was meant for the old ones.
func (r *reader) adopt(now time.Time) *target {
	to := r.target()
	if r.adopted != nil && r.adopted != to {
		r.later = time.Time{}
		r.gones = policy.Gones{} // what others answered says nothing
		r.window.breaker.Rest()
		if r.window.gone != "" {
			r.window.stop(r.window.paused, "", now)
		}
		r.window.hurry(now, r.spread)
	}
	if (to.Delivery.Profile == live.Cloud || to.nobody) && r.window.breaker.Open() {
		r.window.breaker.Close(now) // that profile has none, and nobody has none either
	}
	r.adopted = to
	return to
}

// looks bounds how many lanes are looked at for one attempt: a long backlog that is decided without one must not keep the
// reader from landing, settling and stopping.
const looks = 1000

// launch begins one attempt, with a slot that it keeps; false: there is nothing to send, and the slot stays free.
func (r *reader) launch(to *target, as rank, now time.Time) bool {
	for range looks {
		l := r.window.next(now, r.quota())
		if l == nil {
			return false
		}
		if len(l.queue) == 0 && !r.load(l, r.lanePage(l), now) {
			if now.Before(r.pause) {
				r.window.schedule(l, now)
				return false
			}
			continue
		}
		if r.decided(to, l.queue[0], r.window.number(l)) {
			r.window.settled(l, now)
			continue
		}
		if !to.ready {
			r.window.schedule(l, now)
			r.later = now.Add(storePause)
			return false
		}
		if !r.d.crossings.enter(r.crossing(l.name), r) {
			r.window.park(l)
			continue
		}
		r.window.sent(l)
		r.pace.made(now)
		r.d.opt.Metrics.inFlight.Inc()
		t := try{to: to, lane: l, event: l.queue[0], number: r.window.number(l), slot: as}
		if skip, ok := r.window.announcement(l); ok {
			t.skip = skip
		}
		r.d.running.Go(func() { r.attempt(t) })
		return true
	}
	r.inbox.signal() // there may be more: look again
	return false
}

// lanePage bounds what is read of a held lane to send it.
func (r *reader) lanePage(l *lane) Page {
	if l.failing() || !r.memory() {
		return Page{Events: 1, Bytes: 1} // enough to try; when it is refused, the rest would have been read in vain
	}
	return r.window.page()
}

// load reads the page of a held lane that begins at its first unsettled event; false: nothing is left of it, or the
// store failed and is not to be asked for a while.
func (r *reader) load(l *lane, page Page, now time.Time) bool {
	part := LanePart{Lane: l.name, From: l.held.Next, To: r.window.reach(l)}
	var events []eventlog.Event
	var err error
	r.d.desks.do(func() { events, err = r.readLane(part, page) })
	if err != nil {
		r.storeFailed("read a lane", err, now)
		return false
	}
	r.storeWorks()
	defer r.account() // others must not count on it
	return r.window.loaded(l, events)
}

func (r *reader) readLane(part LanePart, page Page) ([]eventlog.Event, error) {
	if !r.again() {
		return r.d.opt.Log.ReadLane(r.d.attempts, r.id.App, part, page)
	}
	return r.d.opt.Log.ReadAgain(r.d.attempts, r.id.App, Redelivery{
		Reader: r.redelivery.Reader, From: part.From, To: part.To, Lane: part.Lane, DeadOnly: r.redelivery.DeadOnly,
	}, page)
}

// try is one attempt.
type try struct {
	to     *target
	lane   *lane
	event  *eventlog.Event
	number int
	skip   eventlog.Skip // what it announces; the zero value: nothing
	slot   rank
}

// attempt sends one callback and judges the answer. It is a goroutine of its own.
func (r *reader) attempt(t try) {
	at := time.Now()
	a := r.send(t, at)
	why := ""
	if a.Failure != egress.None {
		why = a.Err.Error()
	}
	o := r.known.classify(policy.Answer{Failure: why, Status: a.Status, Body: a.Body, TooLarge: a.TooLarge}, t.to.Delivery.StrictAnswers)
	if a.Resent {
		t.number++ // a reused connection had ended, and egress has sent it once more: an attempt, not a failure
	}
	r.landings.put(landing{
		try: t, canceled: a.Failure == egress.Canceled, later: askedToWait(a),
		attempt: eventlog.Attempt{
			Seq: t.event.Seq, Number: t.number, At: at, Duration: a.Duration, Status: a.Status,
			Durable: o.Durable, Cloud: o.Cloud, Why: o.Why, Answer: answerStart(o, a.Body, &t.to.Destination),
		},
	})
	r.d.slots.give(t.slot, true) // what is not recorded after all, its reader takes back
}

func (r *reader) send(t try, at time.Time) egress.Answer {
	a := wire.Attempt{Number: t.number, Skipped: t.skip, Replay: r.again(), Signer: t.to.signer, At: at}
	return r.d.opt.Sender.Send(r.d.attempts, egress.Request{
		URL:     wire.URL(t.to.URL, r.id.App, t.event, t.to.Token, at),
		Header:  wire.Header(r.id.App, r.log, t.event, a),
		Body:    t.event.Body,
		Timeout: t.to.Delivery.Timeout,
		TLS:     egress.TLSFiles(t.to.TLS),
	})
}

// concurrency is how many attempts of the reader may be in flight. Each reader of an App has its own, so that an endpoint
// that hangs takes nothing from the callback; a redelivery has a tenth.
func (r *reader) concurrency() int {
	n := min(max(r.target().Delivery.Concurrency, 1), concurrencyLimit)
	if r.again() {
		n = max(n/10, 1)
	}
	return n
}

// quota is how many slots of the reader retries of failing lanes may use.
func (r *reader) quota() int { return max(r.concurrency()/4, 1) }
