package engine

import (
	"sync"

	"github.com/callboard/callboard/internal/live"
)

// queue holds the commands that wait for a committer: bounded in all, in order per App (but for joins that are gathered before
// the queue, see [crowds]), and fair between Apps. While an App has a group under way, its further commands wait and form its
// next one.
type queue struct {
	limit      int
	groupLimit int
	appLimit   int
	apart      bool // a group is of one App, because there are several committers

	mu      sync.Mutex
	ready   *sync.Cond // an App has its turn, or the queue was closed
	waiting int
	closed  bool
	lines   map[live.AppID]*line // of Apps that have commands waiting or a group under way
	crowds  crowds
	turn    []live.AppID // Apps that have commands waiting and no group under way, in the order in which they are served
}

// line is what one App has in the queue.
type line struct {
	waiting  []*request
	underWay bool // a committer has a group with commands of the App
}

func newQueue(opt Options) *queue {
	q := &queue{
		limit: opt.QueueLimit, groupLimit: opt.GroupLimit, appLimit: opt.AppLimit, apart: opt.Committers > 1,
		lines: map[live.AppID]*line{}, crowds: crowds{rooms: map[roomKey]*crowd{}, sweepAt: crowdsKept},
	}
	q.ready = sync.NewCond(&q.mu)
	return q
}

// put returns false when the queue is closed, or full; a reread always finds room, or settings could stay wrong as long as
// there is much to do.
func (q *queue) put(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	_, own := r.cmd.(reread)
	if q.closed || q.waiting >= q.limit && !own {
		return false
	}
	q.waiting++
	if !q.gather(r) {
		q.releaseBefore(r)
		q.line(r)
	}
	return true
}

// line puts a command behind those of its App.
func (q *queue) line(r *request) {
	l := q.lines[r.app]
	if l == nil {
		l = &line{}
		q.lines[r.app] = l
	}
	if len(l.waiting) == 0 && !l.underWay {
		q.turn = append(q.turn, r.app)
		q.ready.Signal()
	}
	l.waiting = append(l.waiting, r)
}

// close refuses further commands; those that wait stay.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.releaseAll()
	q.ready.Broadcast()
}

// wait returns true when an App has its turn. False is the end: the queue is closed, and what may still wait is of Apps that
// have a group under way, whose committers go on with it.
func (q *queue) wait() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.turn) == 0 && !q.closed {
		q.ready.Wait()
	}
	return len(q.turn) > 0
}

// take returns the next group, empty when another committer was faster. It is under way until done is called with it. A
// group has commands of each App in turn, of one at most appLimit while others wait; or of one App only. A command that
// changes settings is the only one of its App in a group, so that its place between the events is the head of the log. Joins
// that were gathered are not cut apart, so a group can be larger by these.
func (q *queue) take() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	turn, perApp := q.turn, q.appLimit
	if q.apart && len(turn) > 1 {
		turn = turn[:1]
	}
	if len(turn) == 1 {
		perApp = q.groupLimit
	}
	var group []*request
	served := 0
	for _, app := range turn {
		if len(group) >= q.groupLimit {
			break
		}
		served++
		l := q.lines[app]
		n := l.batch(min(perApp, q.groupLimit-len(group)))
		group = append(group, l.waiting[:n]...)
		l.waiting, l.underWay = l.waiting[n:], true
	}
	q.turn = q.turn[served:]
	q.waiting -= len(group)
	return group
}

// done lets the Apps of a group that was taken have their turn again, behind those that wait already. It wakes no other
// committer: the one that calls it looks for its next group.
func (q *queue) done(group []*request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range group {
		l := q.lines[r.app]
		if l == nil || !l.underWay {
			continue // done with an earlier command of the App
		}
		l.underWay = false
		if len(l.waiting) > 0 {
			q.turn = append(q.turn, r.app)
		} else {
			delete(q.lines, r.app)
		}
	}
}

// batch is how many commands of the App go into one group.
func (l *line) batch(limit int) int {
	for i, r := range l.waiting {
		if i >= limit && !r.goesAlong {
			return i
		}
		if _, ok := r.cmd.(live.AppCommand); ok {
			return max(i, 1)
		}
	}
	return len(l.waiting)
}
