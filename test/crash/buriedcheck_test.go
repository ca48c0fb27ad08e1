package crash

import (
	"slices"
	"strings"
)

// collectBurials gives each event what the processes have told of giving it up.
func (c *checker) collectBurials() {
	for _, b := range c.history.burials {
		switch e := c.byID[b.event]; {
		case c.history.patient:
			c.report("given up: %s by %s in life %d, where nothing fails for that long: %s", b.event, b.reader, b.life, b.reason)
		case b.attempts < attemptsToGiveUp:
			c.report("given up: %s by %s in life %d after %d attempts: %s", b.event, b.reader, b.life, b.attempts, b.reason)
		case e == nil:
			c.report("lost: %s was given up in life %d and never arrived", b.event, b.life)
		case b.reader == theCallback:
			e.burials = append(e.burials, b)
		}
	}
}

// buried returns how an event was given up last up to a life; nil: it was not.
func (e *event) buried(life int) *burial {
	for i := len(e.burials) - 1; i >= 0; i-- {
		if e.burials[i].life <= life {
			return &e.burials[i]
		}
	}
	return nil
}

// checkGivenUp wants every announcement to be true, and nothing to be given up in silence.
func (c *checker) checkGivenUp(lane []*event) {
	var told []*arrival // that were accepted
	for i, e := range lane {
		for _, a := range e.own {
			if a.skip == (span{}) {
				continue
			}
			c.checkAnnouncement(lane[:i], a)
			if a.accepted != 0 {
				told = append(told, a)
			}
		}
	}
	for _, e := range lane {
		if n := len(e.burials); n > 0 {
			c.checkTold(e, e.burials[n-1].life, told)
		}
	}
}

// checkTold wants an event that was given up for good in a life to be announced by a callback that was accepted.
func (c *checker) checkTold(e *event, life int, told []*arrival) {
	if n := len(e.own); n > 0 && e.own[n-1].life > life {
		return // a kill came before it was stored
	}
	for _, a := range told {
		if a.life >= life && a.skip.has(e.first.head.RoomSeq) {
			return
		}
	}
	if last := c.history.arrivals[len(c.history.arrivals)-1]; !c.aged(e, last) {
		c.report("silent: lane %s: %s was given up in life %d, and no callback that was accepted tells of it", e.first.head.Lane, e.first.head.ID, life)
	}
}

// checkAnnouncement wants a range that is announced to end where its callback begins, and to be of events that were given up.
// before are the events of the lane before the callback.
func (c *checker) checkAnnouncement(before []*event, a *arrival) {
	id, s := a.head.ID, a.skip
	from := slices.IndexFunc(before, func(e *event) bool { return e.first.head.RoomSeq == s.from })
	if s.to != a.head.RoomPrev || from < 0 {
		c.report("announced: %s with Room-Prev %d announces %d to %d, which are no events up to it", id, a.head.RoomPrev, s.from, s.to)
		return
	}
	for _, e := range before[from:] {
		b := e.buried(a.life)
		if b == nil {
			if !c.aged(e, a) {
				c.report("announced: %s in life %d announces %s, which nobody had given up", id, a.life, e.first.head.ID)
			}
			continue
		}
		if last := e.lastBefore(a.at); last != nil && last.accepted != 0 && last.accepted < a.at && strings.HasPrefix(b.reason, "status ") {
			c.report("announced: %s in life %d announces %s, whose last arrival was accepted", id, a.life, e.first.head.ID)
		}
	}
}

// lastBefore is the last arrival of its own before a tick, nil when there is none.
func (e *event) lastBefore(at int64) *arrival {
	for i := len(e.own) - 1; i >= 0; i-- {
		if e.own[i].at < at {
			return e.own[i]
		}
	}
	return nil
}
