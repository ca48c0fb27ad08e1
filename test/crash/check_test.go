package crash

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/callboard/callboard/callback"
)

// event is one callback with all its arrivals; first is the earliest.
type event struct {
	first *arrival
	// accepted is the tick of the first arrival that was answered OK, 0 if none was.
	accepted int64
	repeats  int
}

// checker finds what broke a promise in a history.
type checker struct {
	history *history
	events  []*event // in the order of their first arrival
	found   []string
}

// check returns what breaks a promise of docs/durability.md, in words; nothing when all were kept. Every lane must have
// been drained: the last call of each room is an answered change whose callback was accepted.
func check(h *history) []string {
	c := &checker{history: h}
	c.collect()
	for _, lane := range c.lanes() {
		c.checkLane(lane)
	}
	c.checkLog()
	c.checkRooms()
	return c.found
}

func (c *checker) report(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// collect joins the arrivals of each event, which must be the same in everything that belongs to the event.
func (c *checker) collect() {
	byID := map[string]*event{}
	for _, a := range c.history.arrivals {
		e := byID[a.head.ID]
		if e == nil {
			e = &event{first: a}
			byID[a.head.ID] = e
			c.events = append(c.events, e)
		} else {
			e.repeats++
		}
		if a.head != e.first.head || a.body != e.first.body {
			c.report("altered: event %s arrived again with another head or body: %+v, first %+v", a.head.ID, a.head, e.first.head)
		}
		if a.accepted != 0 && (e.accepted == 0 || a.accepted < e.accepted) {
			e.accepted = a.accepted
		}
	}
}

// lanes returns the events of each lane in the order of their first arrival.
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
	return list
}

// checkLane wants each first arrival to follow on the one before by its numbers, and to come after that one was accepted.
func (c *checker) checkLane(lane []*event) {
	var before head // of the event before
	var accepted int64
	var time callback.Millis
	for i, e := range lane {
		h, at := e.first.head, e.first.at
		switch {
		case h.RoomSeq <= before.RoomSeq:
			c.report("reordered: lane %s: %s with Room-Seq %d arrived first after %d", h.Lane, h.ID, h.RoomSeq, before.RoomSeq)
		case h.RoomPrev != before.RoomSeq:
			c.report("gap: lane %s: %s has Room-Prev %d, the last one that arrived is %d", h.Lane, h.ID, h.RoomPrev, before.RoomSeq)
		case i > 0 && (accepted == 0 || accepted > at):
			c.report("overtaken: lane %s: %s arrived before %s was accepted", h.Lane, h.ID, before.ID)
		}
		if e.first.time < time {
			c.report("lane %s: the EventTime of %s is before that of %s", h.Lane, h.ID, before.ID)
		}
		before, accepted, time = h, e.accepted, e.first.time
	}
	if accepted == 0 {
		c.report("lost: lane %s: %s was never accepted", before.Lane, before.ID)
	}
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
