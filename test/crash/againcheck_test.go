package crash

// checkAgain wants a callback that carries Callboard-Replay to be one that somebody asked for, a redelivery to send all that it
// names, and a dead letter whose replay was accepted to be gone.
func (c *checker) checkAgain() {
	byCause := map[string]*call{}
	for _, call := range c.history.calls {
		byCause[call.cause] = call
	}
	for _, a := range c.history.arrivals {
		if !a.again {
			continue
		}
		switch e := c.byID[a.head.ID]; {
		case a.skip != span{}:
			c.report("replay: %s announces %d to %d", a.head.ID, a.skip.from, a.skip.to)
		case !c.askedFor(e, a, byCause[a.head.Cause]):
			c.report("replay: nobody had asked for %s", a.head.ID)
		case c.history.emptied != 0 && a.at > c.history.emptied:
			c.report("replay: the dead letter of %s is there though its replay was accepted", a.head.ID)
		}
	}
	c.checkRedeliveries()
}

// checkRedeliveries looks at those of which it is known what they name. What is too old may leave the log before it was sent.
func (c *checker) checkRedeliveries() {
	for _, ask := range c.history.asks {
		if ask.kind == askRedeliver && ask.outcome == done && !ask.deadOnly && c.history.keeps == 0 {
			c.checkRedelivery(ask)
		}
	}
}

// askedFor tells whether a replay was asked for after the call that caused its event had begun.
func (c *checker) askedFor(e *event, a *arrival, cause *call) bool {
	for _, ask := range c.history.asks {
		if ask.start > a.at {
			return false
		}
		if !ask.covers(&a.head) || cause != nil && cause.start > ask.end {
			continue
		}
		if !ask.deadOnly || e.buried(a.life) != nil || c.aged(e, a) {
			return true
		}
	}
	return false
}

// checkRedelivery wants a redelivery to have sent what it names of all that had arrived before.
func (c *checker) checkRedelivery(ask *ask) {
	gaveUp := map[string]bool{}
	for _, b := range c.history.burials {
		if b.reader == ask.reader {
			gaveUp[b.event] = true
		}
	}
	missing, example := 0, ""
	for _, e := range c.events {
		if h := &e.first.head; e.first.at < ask.start && e.asked < ask.start && ask.covers(h) && !gaveUp[h.ID] {
			missing, example = missing+1, h.ID
		}
	}
	if missing > 0 {
		c.report("replay: %d callbacks, %s for one, did not arrive after: %s", missing, example, ask.describe())
	}
}
