package policy

import (
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// Breaker watches one endpoint and says when it is not worth calling: then one probe at a time finds out when it is
// again. It also makes sending start slowly, so that an endpoint which has just come back is not met with everything
// that waited for it.
//
// It belongs to one goroutine; the zero value is closed, at the beginning of a slow start.
type Breaker struct {
	open   bool
	since  time.Time // when it opened
	probes int       // that failed since
	next   time.Time // when the next probe is due
	stood  time.Duration

	failing map[eventlog.Lane]struct{} // lanes that failed since the last success
	firsts  []first                    // a ring of the last firstsKept first attempts
	count   int                        // how many were put into it

	limit int // attempts in flight that are allowed now; 0: slowStart
	good  int // successes since the limit was raised
}

type first struct {
	at     int64 // milliseconds
	failed bool
}

// When the breaker opens, and how it starts again.
const (
	lanesToOpen   = 5
	firstsKept    = 100
	firstsWithin  = 10 * time.Second
	maxProbeDelay = 15 * time.Second
	slowStart     = 4
)

// Result is that of one attempt, for a [Breaker].
type Result struct {
	Lane  eventlog.Lane
	First bool // it was the first attempt of its event
	OK    bool
	Began time.Time
}

// Note takes a result; jitter is as in [Delay]. What was in flight when the breaker opened is no failed probe.
func (b *Breaker) Note(r Result, now time.Time, jitter float64) {
	if r.OK {
		b.success(r.First, now)
		return
	}
	if b.open && r.Began.Before(b.since) {
		return
	}
	if b.open {
		b.probes++
		b.next = now.Add(probeDelay(b.probes+1, jitter))
		return
	}
	b.keep(r.First, true, now)
	if b.failing == nil {
		b.failing = map[eventlog.Lane]struct{}{}
	}
	b.failing[r.Lane] = struct{}{}
	if len(b.failing) < lanesToOpen && !b.mostFail(now) {
		return
	}
	b.open, b.since, b.probes = true, now, 0
	b.next = now.Add(probeDelay(1, jitter))
	b.count = 0
	clear(b.failing)
}

func (b *Breaker) success(isFirst bool, now time.Time) {
	clear(b.failing)
	if b.open {
		b.Close(now)
		return
	}
	b.keep(isFirst, false, now)
	if b.good++; b.good >= b.allowed() {
		b.limit, b.good = min(b.allowed()*2, 1<<20), 0
	}
}

// Close ends the open state: after a success, or when nothing is left to probe with.
func (b *Breaker) Close(now time.Time) {
	b.stood += now.Sub(b.since)
	b.open, b.count, b.limit, b.good = false, 0, slowStart, 0
	clear(b.failing)
}

// Rest gives memory back while nothing is sent: what was attempted before says nothing when sending begins again.
func (b *Breaker) Rest() { b.firsts, b.count, b.failing = nil, 0, nil }

// keep keeps the result of a first attempt.
func (b *Breaker) keep(isFirst, failed bool, now time.Time) {
	if !isFirst {
		return
	}
	if b.firsts == nil {
		b.firsts = make([]first, firstsKept)
	}
	b.firsts[b.count%firstsKept] = first{now.UnixMilli(), failed}
	b.count++
}

// mostFail tells whether more than half of the last firstsKept first attempts failed, all of them not long ago.
func (b *Breaker) mostFail(now time.Time) bool {
	if b.count < firstsKept {
		return false
	}
	failed := 0
	for _, f := range b.firsts {
		if now.UnixMilli()-f.at > firstsWithin.Milliseconds() {
			return false
		}
		if f.failed {
			failed++
		}
	}
	return failed > firstsKept/2
}

// Open tells whether only probes may be sent.
func (b *Breaker) Open() bool { return b.open }

// Since returns when it opened; it means something only while the breaker is open.
func (b *Breaker) Since() time.Time { return b.since }

// Probe returns when the next probe may be sent; it means something only while the breaker is open.
func (b *Breaker) Probe() time.Time { return b.next }

// Hurry makes the next probe due: the endpoint is another one now.
func (b *Breaker) Hurry(now time.Time) {
	if b.open {
		b.next = now
	}
}

// Allowed is how many attempts may be in flight, at most limit.
func (b *Breaker) Allowed(limit int) int { return min(b.allowed(), limit) }

func (b *Breaker) allowed() int { return max(b.limit, slowStart) }

// Stood is how long the breaker has been open in all: time that counts neither for retries nor for giving up.
func (b *Breaker) Stood(now time.Time) time.Duration {
	if b.open {
		return b.stood + now.Sub(b.since)
	}
	return b.stood
}

func probeDelay(probe int, jitter float64) time.Duration {
	return min(Delay(probe, jitter), maxProbeDelay)
}
