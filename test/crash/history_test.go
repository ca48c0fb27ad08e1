package crash

import (
	"crypto/sha256"
	"sync"
	"sync/atomic"

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
	at       int64 // tick when it was there
	accepted int64 // tick before OK was sent; 0: OK was not sent

	head   head
	change change
	time   callback.Millis
	body   [sha256.Size]byte
}

// head are the headers that belong to the event: the same for every attempt.
type head struct {
	ID, Log, Lane, Cause, State  string
	Seq, Prev, RoomSeq, RoomPrev int64
}

// history is what callers and App backend have seen.
type history struct {
	calls    []*call
	arrivals []*arrival
}

// recorder collects a history. It may be used from many goroutines.
type recorder struct {
	clock clock
	begun chan struct{} // holds a token after a call began

	mu      sync.Mutex
	history history
	fixed   int // the calls before this one have an end
}

func newRecorder() *recorder { return &recorder{begun: make(chan struct{}, 1)} }

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

func (r *recorder) arrived(a *arrival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.at = r.clock.tick()
	r.history.arrivals = append(r.history.arrivals, a)
}

// accept notes that OK is about to be sent.
func (r *recorder) accept(a *arrival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.accepted = r.clock.tick()
}

// processEnded fixes the calls whose outcome is unknown: the process that could have done them is gone. No call may be
// under way.
func (r *recorder) processEnded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.tick()
	for _, c := range r.history.calls[r.fixed:] {
		if c.end == 0 {
			c.end = now
		}
	}
	r.fixed = len(r.history.calls)
}
