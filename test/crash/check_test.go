package crash

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/callboard/callboard/callback"
)

// event is one callback with all its arrivals.
type event struct {
	first *arrival // the earliest
	// own are those that the reader of the callback URL sent, in their order; none when it gave up before one arrived.
	own []*arrival
	// accepted is the tick when one of own was first answered OK, 0 if none was; again that of the others.
	accepted, again int64
	// asked is the tick of the last arrival that somebody asked for.
	asked   int64
	repeats int
	burials []burial // by the reader of the callback URL; one that a kill made undone is followed by another one or by an arrival
}

// checker finds what broke a promise in a history.
type checker struct {
	history *history
	events  []*event // in the order of their first arrival
	byID    map[string]*event
	found   []string
}

// check returns what breaks a promise of docs/durability.md, in words; nothing when all were kept. Every lane must have
// been drained: the last call of each room is an answered change whose callback was accepted. So must all redeliveries, the
// last of which were of all dead letters.
func check(h *history) []string {
	c := &checker{history: h, byID: map[string]*event{}}
	c.collect()
	c.collectBurials()
	for _, lane := range c.lanes() {
		c.checkLane(lane)
		c.checkGivenUp(lane)
	}
	c.checkLog()
	c.checkRooms()
	c.checkAgain()
	c.checkPauses()
	return c.found
}

func (c *checker) report(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// collect joins the arrivals of each event, which must be the same in everything that belongs to the event.
func (c *checker) collect() {
	for _, a := range c.history.arrivals {
		e := c.byID[a.head.ID]
		if e == nil {
			e = &event{first: a}
			c.byID[a.head.ID] = e
			c.events = append(c.events, e)
		} else {
			e.repeats++
		}
		if a.head != e.first.head || a.body != e.first.body {
			c.report("altered: event %s arrived again with another head or body: %+v, first %+v", a.head.ID, a.head, e.first.head)
		}
		accepted := &e.accepted
		if a.again {
			e.asked, accepted = max(e.asked, a.at), &e.again
		} else {
			e.own = append(e.own, a)
		}
		if a.accepted != 0 && (*accepted == 0 || a.accepted < *accepted) {
			*accepted = a.accepted
		}
	}
}

// lanes returns the events of each lane in the order of their numbers.
func (c *checker) lanes() [][]*event {
	var list [][]*event
	index := map[string]int{}
	for _, e := range c.events {
		i, ok := index[e.first.head.Lane]
		if !ok {
			i = len(list)
			index[e.first.head.Lane] = i
			list = append(list, nil)
		}
		list[i] = append(list[i], e)
	}
	for _, lane := range list {
		slices.SortFunc(lane, func(a, b *event) int { return cmp.Compare(a.first.head.RoomSeq, b.first.head.RoomSeq) })
	}
	return list
}

// checkLane wants each event to follow on the one before by its numbers, its first arrival to come after that one was accepted
// or to tell that it was given up, and each event to be accepted in the end.
func (c *checker) checkLane(lane []*event) {
	var before head // of the event before
	var time callback.Millis
	for i, e := range lane {
		h := e.first.head
		switch {
		case h.RoomSeq == before.RoomSeq:
			c.report("reordered: lane %s: %s and %s have the same Room-Seq", h.Lane, h.ID, before.ID)
		case h.RoomPrev != before.RoomSeq:
			c.report("gap: lane %s: %s has Room-Prev %d, the last one before it that arrived is %d", h.Lane, h.ID, h.RoomPrev, before.RoomSeq)
		default:
			c.checkFirst(lane, i)
		}
		if e.accepted == 0 && e.again == 0 {
			c.report("lost: lane %s: %s was never accepted", h.Lane, h.ID)
		}
		if e.first.time < time {
			c.report("lane %s: the EventTime of %s is before that of %s", h.Lane, h.ID, before.ID)
		}
		before, time = h, e.first.time
	}
}

// checkFirst wants the first arrival of an event of a lane to come after the event before it, or before the range that it
// announces, was accepted.
func (c *checker) checkFirst(lane []*event, i int) {
	e := lane[i]
	if len(e.own) == 0 {
		return // it was given up, as checkGivenUp sees, or never accepted
	}
	first := e.own[0]
	from := i
	for from > 0 && first.skip.has(lane[from-1].first.head.RoomSeq) {
		from--
	}
	if from == 0 {
		return
	}
	p := lane[from-1]
	switch {
	case c.aged(p, first):
	case len(p.own) > 0 && p.own[0].at > first.at:
		c.report("reordered: lane %s: %s arrived first before %s", e.first.head.Lane, e.first.head.ID, p.first.head.ID)
	case p.accepted == 0 || p.accepted > first.at:
		c.report("overtaken: lane %s: %s arrived before %s was accepted or announced", e.first.head.Lane, e.first.head.ID, p.first.head.ID)
	}
}

// aged tells whether an event was older than the log is kept when something arrived: then it may have become a dead letter,
// and what announced it may be forgotten.
func (c *checker) aged(e *event, when *arrival) bool {
	return c.history.keeps > 0 && when.wall.Sub(e.first.time.Time()) >= c.history.keeps
}

// checkLog wants the numbers of all callbacks of the App to form one chain.
func (c *checker) checkLog() {
	byNumber := slices.SortedFunc(slices.Values(c.events), func(a, b *event) int {
		return cmp.Compare(a.first.head.Seq, b.first.head.Seq)
	})
	var before head
	for _, e := range byNumber {
		h := e.first.head
		switch {
		case before.Log != "" && h.Log != before.Log:
			c.report("event %s is of another log than %s", h.ID, before.ID)
		case h.ID != fmt.Sprintf("%d-%s-%d", sdkAppID, h.Log, h.Seq):
			c.report("event %s has Callboard-Log %s and Callboard-Seq %d", h.ID, h.Log, h.Seq)
		case h.Prev != before.Seq:
			c.report("lost: %s has Callboard-Prev %d, the largest below it that arrived is %d", h.ID, h.Prev, before.Seq)
		}
		before = h
	}
}
