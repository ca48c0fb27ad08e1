package delivery

import "time"

// A redelivery sends so many callbacks a second at most: with as many as its slots would bear, it would use processors and App
// backend up, and what is sent at first would wait for both. What it could not send while it waited it makes up for a little.
const (
	againRate  = 2_000
	againGap   = time.Second / againRate
	againBurst = 8
)

// pace spaces attempts. The zero value has made none.
type pace struct {
	next time.Time // when the next may be made
}

func (p *pace) ready(now time.Time) bool { return !p.next.After(now) }

func (p *pace) made(now time.Time) {
	if earliest := now.Add(-againBurst * againGap); p.next.Before(earliest) {
		p.next = earliest
	}
	p.next = p.next.Add(againGap)
}

// unhurried tells whether another attempt may be made now: a redelivery keeps its pace.
func (r *reader) unhurried(now time.Time) bool { return !r.again() || r.pace.ready(now) }
