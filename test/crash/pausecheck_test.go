package crash

import (
	"cmp"
	"slices"
)

// checkPauses wants nothing to arrive of its own between the answer to a pause and the next resume, but for what was in
// flight: one event of each lane, in the same life.
func (c *checker) checkPauses() {
	for i, ask := range c.history.asks {
		if ask.kind == askPause && ask.reader == theCallback && ask.outcome == done {
			c.checkPause(ask, c.resumed(i))
		}
	}
}

// resumed is the tick when somebody asked for the end of a pause, or the end of the history.
func (c *checker) resumed(pause int) int64 {
	for _, ask := range c.history.asks[pause+1:] {
		if ask.kind == askResume && ask.reader == theCallback && ask.outcome != refused {
			return ask.start
		}
	}
	const never = 1 << 62
	return never
}

func (c *checker) checkPause(pause *ask, until int64) {
	flying := map[string]string{} // the event of each lane that may have been in flight
	from, _ := slices.BinarySearchFunc(c.history.arrivals, pause.end, func(a *arrival, at int64) int { return cmp.Compare(a.at, at) })
	for _, a := range c.history.arrivals[from:] {
		if a.at >= until {
			return
		}
		if a.again {
			continue
		}
		if flying[a.head.Lane] == "" && a.life == pause.life {
			flying[a.head.Lane] = a.head.ID
		}
		if flying[a.head.Lane] != a.head.ID || a.life != pause.life {
			c.report("paused: %s arrived in life %d after %s", a.head.ID, a.life, pause.describe())
		}
	}
}
