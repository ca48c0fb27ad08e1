package engine

import (
	"sync"

	"github.com/callboard/callboard/internal/live"
)

// queue holds the commands that wait for the committer: bounded in all, in order per App, and fair between Apps.
type queue struct {
	limit int
	wake  chan struct{} // holds one token when there may be something to take

	mu      sync.Mutex
	waiting int
	closed  bool
	apps    map[live.AppID][]*request
	turn    []live.AppID // Apps that have waiting commands, in the order in which they are served
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, wake: make(chan struct{}, 1), apps: map[live.AppID][]*request{}}
}

// put returns false when the queue is full or closed.
func (q *queue) put(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.waiting >= q.limit {
		return false
	}
	if len(q.apps[r.app]) == 0 {
		q.turn = append(q.turn, r.app)
	}
	q.apps[r.app] = append(q.apps[r.app], r)
	q.waiting++
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return true
}

// close refuses further commands; those that wait stay.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) len() int {
	waiting, _ := q.state()
	return waiting
}

func (q *queue) state() (waiting int, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting, q.closed
}

// take returns the next group, at most limit commands: of each App in turn at most perApp while others wait. A command
// that changes settings is the only one of its App in a group, so that its place between the events is the head of
// the log.
func (q *queue) take(limit, perApp int) []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.turn) == 1 {
		perApp = limit
	}
	var group []*request
	var again []live.AppID
	served := 0
	for _, app := range q.turn {
		if len(group) == limit {
			break
		}
		served++
		n := q.batch(app, min(perApp, limit-len(group)))
		group = append(group, q.apps[app][:n]...)
		if q.apps[app] = q.apps[app][n:]; len(q.apps[app]) > 0 {
			again = append(again, app)
		} else {
			delete(q.apps, app)
		}
	}
	q.turn = append(q.turn[served:], again...)
	q.waiting -= len(group)
	return group
}

// batch is how many commands of the App go into one group.
func (q *queue) batch(app live.AppID, limit int) int {
	waiting := q.apps[app]
	for i, r := range waiting {
		if i == limit {
			return i
		}
		if _, ok := r.cmd.(live.AppCommand); ok {
			return max(i, 1)
		}
	}
	return len(waiting)
}
