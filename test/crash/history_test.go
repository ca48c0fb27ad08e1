package crash

import (
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

// clock orders what happens in the test process: of two ticks, the larger one was taken later.
type clock struct{ last atomic.Int64 }

func (c *clock) tick() int64 { return c.last.Add(1) }

// op is what a call asks for.
type op string

// The calls of the load. Updates have no subscribed callback; list and info only read.
const (
	opAdd     op = "add"
	opDelete  op = "delete"
	opOwner   op = "change owner"
	opCreate  op = "create"
	opDestroy op = "destroy"
	opUpdate  op = "update"
	opList    op = "list"
	opInfo    op = "info"
)

// outcome is what the caller was told.
type outcome string

// Unknown is code 100001 and everything that is no answer: it may have happened or not.
const (
	done    outcome = "done"
	refused outcome = "refused"
	unknown outcome = "unknown"
)

// call is one call of the REST API with its outcome.
type call struct {
	op   op
	room string
	// by is the App administrator who calls; each worker is another one, so that Operator_Account names the worker.
	by string
	// accounts are those to add or to delete, or the one new owner.
	accounts []string

	// start is a tick before the call, end one after its outcome was fixed: by the answer or, if that is unknown, by the end
	// of the process.
	start, end int64
	outcome    outcome
	code       liveapi.Code
	cause      string   // RequestId of the answer, empty without one
	read       []string // what list and info have answered: the administrators, the owner
}

// change is what the body of a callback says.
type change struct {
	Command  callback.Command
	Room     string
	Operator string
	Accounts []string // of ModifyAdmin
	Op       string   // of ModifyAdmin
	Owner    string   // after the change; of DestroyRoom, the last one
	Original string   // of ChangeOwner
}

// arrival is one callback as the App backend received it.
type arrival struct {
	at       int64     // tick when it was there
	accepted int64     // tick before OK was sent; 0: OK was not sent
	life     int       // of the process that sent it, from 1
	wall     time.Time // when it was there

	again bool // Callboard-Replay: somebody asked for it
	skip  span // Callboard-Skipped; the zero value: nothing is announced

	head   head
	change change
	time   callback.Millis
	body   [sha256.Size]byte
}

// span is a range of Room-Seq, both ends included.
type span struct{ from, to int64 }

func (s span) has(roomSeq int64) bool { return s.from <= roomSeq && roomSeq <= s.to }

// head are the headers that belong to the event: the same for every attempt.
type head struct {
	ID, Log, Lane, Cause, State  string
	Seq, Prev, RoomSeq, RoomPrev int64
}

// burial is what a process has logged when it gave a callback up.
type burial struct {
	life     int
	event    string // id
	reader   string // "callback", or the name of a redelivery, which makes no dead letter
	attempts int
	reason   string
}

// history is what callers, operators and App backend have seen, and what the processes have logged of giving up.
type history struct {
	calls    []*call
	asks     []*ask
	arrivals []*arrival
	burials  []burial
	// emptied is the tick when the replay of every dead letter had been accepted; 0: there is no such moment.
	emptied int64
	// keeps is how long the log is kept; 0: nothing grows so old here that it is forgotten.
	keeps time.Duration
	// patient: callbacks may fail for longer than the history is.
	patient bool
}

// recorder collects a history. It may be used from many goroutines.
type recorder struct {
	clock clock
	begun chan struct{} // holds a token after a call began

	mu      sync.Mutex
	history history
	fixed   int // the calls before this one have an end
	life    int // of the process that runs now, or next
	newest  int64
	slowest time.Duration // call
}

func newRecorder() *recorder { return &recorder{begun: make(chan struct{}, 1), life: 1} }

// begin notes that a call is about to be made.
func (r *recorder) begin(c *call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.start, c.outcome = r.clock.tick(), unknown
	r.history.calls = append(r.history.calls, c)
	select {
	case r.begun <- struct{}{}:
	default:
	}
}

// took notes how long a call took, whatever came of it.
func (r *recorder) took(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slowest = max(r.slowest, d)
}

func (r *recorder) arrived(a *arrival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.at, a.life, a.wall = r.clock.tick(), r.life, time.Now()
	r.newest = max(r.newest, a.head.Seq)
	r.history.arrivals = append(r.history.arrivals, a)
}

// accept notes that OK is about to be sent.
func (r *recorder) accept(a *arrival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.accepted = r.clock.tick()
}

// processEnded fixes the calls and asks whose outcome is unknown: the process that could have done them is gone. None may be
// under way, and no arrival on its way.
func (r *recorder) processEnded(burials []burial) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.tick()
	for _, b := range burials {
		b.life = r.life
		r.history.burials = append(r.history.burials, b)
	}
	r.life++
	for _, a := range r.history.asks {
		if a.end == 0 {
			a.end = now
		}
	}
	for _, c := range r.history.calls[r.fixed:] {
		if c.end == 0 {
			c.end = now
		}
	}
	r.fixed = len(r.history.calls)
}
