package engine

import (
	"time"

	"github.com/callboard/callboard/internal/live"
)

const (
	// joinsOfSecond is how many may enter a room in a second, each at once. Those beyond are gathered.
	joinsOfSecond = 50
	// gatherFor is how long the first of them waits for the others.
	gatherFor = 100 * time.Millisecond
	// gatherMost is how many go at once however soon they came together: one callback can tell of no more.
	gatherMost = live.MaxMembersOfEvent
	// crowdsKept is how many rooms are remembered before those that nobody enters any more are looked for.
	crowdsKept = 1024
)

// crowds gathers the joins of rooms that many enter at the same time: they go into the queue together, and so are committed
// together and share a callback. Nothing overtakes what is gathered: a further join of the room goes behind it, and any other
// command that names the room takes it along into the queue, so commands of a room stay in the order in which they came.
// It is part of a queue, whose mutex guards it. There is a timer for each room that has joins gathered, and none else.
type crowds struct {
	rooms    map[roomKey]*crowd
	gathered int // in all rooms
	sweepAt  int // the size of rooms at which it is swept
}

type roomKey struct {
	app  live.AppID
	room live.RoomID
}

// crowd is who enters one room.
type crowd struct {
	since   time.Time // the second that is counted
	joins   int       // in it
	hot     bool      // more came than may come each at once, in this second or the one before
	waiting []*request
	timer   *time.Timer // of those that wait, nil when nobody does
}

// count counts a join and tells whether it is to be gathered.
func (c *crowd) count(now time.Time) bool {
	if past := now.Sub(c.since); past >= time.Second {
		c.hot = c.joins > joinsOfSecond && past < 2*time.Second
		c.since, c.joins = now, 0
	}
	c.joins++
	c.hot = c.hot || c.joins > joinsOfSecond
	return c.hot || len(c.waiting) > 0
}

// gather keeps a join back that is one of many, or returns false.
func (q *queue) gather(r *request) bool {
	join, ok := r.cmd.(live.EnterRoom)
	if !ok {
		return false
	}
	key, now := roomKey{r.app, join.Room}, time.Now()
	c := q.crowds.rooms[key]
	if c == nil {
		q.crowds.sweep(now)
		c = &crowd{since: now}
		q.crowds.rooms[key] = c
	}
	if !c.count(now) {
		return false
	}
	r.goesAlong = len(c.waiting) > 0
	c.waiting = append(c.waiting, r)
	q.crowds.gathered++
	switch len(c.waiting) {
	case 1:
		q.wake(c)
	case gatherMost:
		q.release(c)
	}
	return true
}

// wake lets a crowd go in time.
func (q *queue) wake(c *crowd) {
	var timer *time.Timer
	timer = time.AfterFunc(gatherFor, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if c.timer == timer { // else it has gone, and this was too late to be stopped
			q.release(c)
		}
	})
	c.timer = timer
}

// release puts those that wait into the line of their App.
func (q *queue) release(c *crowd) {
	if len(c.waiting) == 0 {
		return
	}
	c.timer.Stop()
	for _, r := range c.waiting {
		q.line(r)
	}
	q.crowds.gathered -= len(c.waiting)
	c.waiting, c.timer = nil, nil
}

// releaseBefore releases what a command must not overtake.
func (q *queue) releaseBefore(r *request) {
	if q.crowds.gathered == 0 {
		return
	}
	c, ok := r.cmd.(live.RoomCommand)
	if !ok {
		return
	}
	names := c.Names()
	q.releaseRoom(roomKey{r.app, names.Room})
	for _, room := range names.Others {
		q.releaseRoom(roomKey{r.app, room})
	}
}

func (q *queue) releaseRoom(key roomKey) {
	if c := q.crowds.rooms[key]; c != nil {
		q.release(c)
	}
}

// releaseAll releases what is gathered, because the queue closes.
func (q *queue) releaseAll() {
	for _, c := range q.crowds.rooms {
		q.release(c)
	}
}

// sweep forgets rooms that nobody enters any more, when there may be many.
func (c *crowds) sweep(now time.Time) {
	if len(c.rooms) < c.sweepAt {
		return
	}
	for key, one := range c.rooms {
		if len(one.waiting) == 0 && now.Sub(one.since) >= 2*time.Second {
			delete(c.rooms, key)
		}
	}
	c.sweepAt = max(crowdsKept, 2*len(c.rooms))
}
