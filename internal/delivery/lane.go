package delivery

import (
	"container/heap"
	"slices"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// lane is the unit of order in a window. In memory stands either all of it that was read and is not settled (held is
// nil), or the first events from held.Next on, the rest being in the log.
type lane struct {
	name   eventlog.Lane
	queue  []*eventlog.Event
	flying bool      // queue[0] is being sent
	queued bool      // in window.ready
	parked bool      // in window.parked
	index  int       // in window.waiting, -1 when not there
	due    time.Time // its place in window.waiting: held.Try less the time that the breaker had been open
	held   *eventlog.Held
	// more: the log may have events of the lane after the queue, up to window.reach. Only a held lane has more.
	more bool
	// reach is where the cursor ended when a lane was held from the start: up to there its events are done with only
	// because the lane is held, also those that the window has not read again. 0 for other lanes.
	reach int64
	// refused is when the first event was refused last, or the window began, and stood what the window had stood by then.
	refused time.Time
	stood   time.Duration
}

// failing tells whether the lane is held because its first event was refused.
func (l *lane) failing() bool { return l.held != nil && l.held.Attempts > 0 }

// laneHeap orders failing lanes by when they are due.
type laneHeap []*lane

func (h laneHeap) Len() int           { return len(h) }
func (h laneHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h laneHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *laneHeap) Push(x any) {
	l := x.(*lane)
	l.index = len(*h)
	*h = append(*h, l)
}

// Pop implements heap.Interface.
func (h *laneHeap) Pop() any {
	old := *h
	l := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	l.index = -1
	return l
}

func (h *laneHeap) add(l *lane)  { heap.Push(h, l) }
func (h *laneHeap) first() *lane { return heap.Pop(h).(*lane) }

// due tells whether the first lane may be tried; now is less the time that the breaker has been open.
func (h laneHeap) due(now time.Time) bool { return len(h) > 0 && !h[0].due.After(now) }

// fifo is a queue of lanes that gives its memory back.
type fifo struct {
	lanes []*lane
	head  int
}

func (q *fifo) len() int { return len(q.lanes) - q.head }

func (q *fifo) push(l *lane) { q.lanes = append(q.lanes, l) }

// pushFront makes a lane the first.
func (q *fifo) pushFront(l *lane) {
	if q.head > 0 {
		q.head--
		q.lanes[q.head] = l
		return
	}
	q.lanes = slices.Insert(q.lanes, 0, l)
}

func (q *fifo) pop() *lane {
	l := q.lanes[q.head]
	q.lanes[q.head] = nil
	if q.head++; q.head == len(q.lanes) {
		q.lanes, q.head = q.lanes[:0], 0
	} else if q.head > 1024 && q.head > len(q.lanes)/2 {
		q.lanes = append([]*lane(nil), q.lanes[q.head:]...)
		q.head = 0
	}
	return l
}
