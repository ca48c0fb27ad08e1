package delivery

import "time"

// bursts are the first moments of readers that have a backlog when the dispatcher starts. Thousands that begin together would
// share the slots and the memory so finely that each callback costs twice as much, so at most burstsTogether do: the next one
// begins when one has sent and stored all, or when it waits for its App backend or for time, which costs nothing. Who is
// handed an event begins at once.
//
// Guarded by the dispatcher's mutex.
type bursts struct {
	waiting []ReaderID
	going   int
}

const (
	burstsTogether = 128
	burstLong      = 2 * time.Second // the longest turn
	// A reader that waits for an answer eight times as long as answers take now, within these limits, makes way for the next.
	minBurstGap, maxBurstGap = 30 * time.Millisecond, 500 * time.Millisecond
)

// startBursts begins with readers that have something to do.
func (d *Dispatcher) startBursts(ids []ReaderID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bursts.waiting = ids
	d.nextBursts()
}

// nextBursts begins with as many readers as may; the caller has the mutex.
func (d *Dispatcher) nextBursts() {
	for d.bursts.going < burstsTogether && len(d.bursts.waiting) > 0 && !d.stopped {
		id := d.bursts.waiting[0]
		if d.bursts.waiting = d.bursts.waiting[1:]; len(d.bursts.waiting) == 0 {
			d.bursts.waiting = nil
		}
		if d.readers[id] != nil {
			continue // it was handed something, and has read the log then
		}
		r := newReader(d, id)
		d.readers[id] = r
		r.burst = true
		d.bursts.going++
		r.inbox.lose()
		d.run(r)
	}
}

// endBurst is told that a reader's first moment is over; the caller has the mutex.
func (d *Dispatcher) endBurst(r *reader) {
	if r.burst {
		r.burst = false
		d.bursts.going--
		d.nextBursts()
	}
}

// burstGap is how long a reader may wait for an answer before the next one begins.
func (d *Dispatcher) burstGap() time.Duration {
	return min(max(8*time.Duration(d.typical.Load()), minBurstGap), maxBurstGap)
}

// answered notes how long an answer that accepts took: typical is a mean in which the last ones count most. That two of them
// come between each other does no harm.
func (d *Dispatcher) answered(took time.Duration) {
	was := d.typical.Load()
	d.typical.Store(was + (int64(took)-was)/64)
}

// bursting ends the reader's first moment when it is over.
func (r *reader) bursting(now time.Time) {
	if !r.burst {
		return
	}
	if r.window == nil || r.over || now.Sub(r.progress) >= r.d.burstGap() || now.Sub(r.begun) >= burstLong {
		r.d.mu.Lock()
		defer r.d.mu.Unlock()
		r.d.endBurst(r)
	}
}
