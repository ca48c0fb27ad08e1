package delivery

import (
	"sync"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// landing is the end of an attempt.
type landing struct {
	lane     *lane
	attempt  eventlog.Attempt
	app      *live.App     // the settings that it was made with
	canceled bool          // the server stopped before an answer
	later    time.Duration // the App backend asks to wait so long; 0: it does not
}

// landings are the ends of attempts on their way to the reader: at most as many as are in flight.
type landings struct {
	wake chan struct{} // holds one token when there are some

	mu   sync.Mutex
	list []landing
}

func newLandings() *landings { return &landings{wake: make(chan struct{}, 1)} }

func (q *landings) put(l landing) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, l)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *landings) take() []landing {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := q.list
	q.list = nil
	return list
}
