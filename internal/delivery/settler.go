package delivery

import (
	"context"
	"errors"
	"sync"
	"time"
)

// settleRequest is one reader's settlement on its way to the store.
type settleRequest struct {
	Settlement
	done chan error // holds one
}

// errFenced is what a reader gets when another one has taken its place.
var errFenced = errors.New("the reader was opened by another process")

// settles are settlements that wait: at most one of each reader, which goes on meanwhile.
type settles struct {
	wake chan struct{} // holds one token when there is something new

	mu     sync.Mutex
	list   []settleRequest
	closed bool
}

func (q *settles) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *settles) put(s settleRequest) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, s)
	q.signal()
}

// close makes the settler end when it has stored what waits.
func (q *settles) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

// take returns the first that wait, at most most of them, and whether there is nothing to wait for any more.
func (q *settles) take(most int) (batch []settleRequest, over bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.list), most)
	batch, q.list = q.list[:n:n], q.list[n:]
	if len(q.list) == 0 {
		q.list = nil
	}
	return batch, q.closed && n == 0
}

// settleTogether bounds one transaction: changes wait for its end.
const settleTogether = 256

// settleGap is from the beginning of one transaction to that of the next, so that settlements meet in it: of thousands of
// readers each ends at a moment of its own.
const settleGap = 20 * time.Millisecond

// settle is the goroutine that stores settlements: those that wait together go into one transaction. With thousands of
// readers it leaves the store to others for as long as it has used it.
func (d *Dispatcher) settle() {
	for {
		batch, over := d.settles.take(settleTogether)
		if over {
			return
		}
		if len(batch) == 0 {
			<-d.settles.wake
			continue
		}
		begun := time.Now()
		d.store(batch)
		took := time.Since(begun)
		if len(batch) < settleTogether {
			took = max(settleGap-took, 0)
		}
		d.wait(took)
	}
}

// settleEvery is how often a reader's progress is stored: less often when there are thousands at work, so that storing that
// of all does not take the time for sending.
func (d *Dispatcher) settleEvery() time.Duration {
	const each = 200 * time.Microsecond // what the settlement of one reader may take in all
	return max(d.opt.SettleEvery, min(time.Duration(d.working.Load())*each, maxSettleEvery))
}

const maxSettleEvery = 5 * time.Second

func (d *Dispatcher) store(batch []settleRequest) {
	settlements := make([]Settlement, len(batch))
	for i := range batch {
		settlements[i] = batch[i].Settlement
	}
	begun := time.Now()
	d.storing.Store(begun.UnixNano())
	defer d.storing.Store(0)
	d.opt.Metrics.settlers.Observe(float64(len(batch)))
	defer func() { d.opt.Metrics.settle.Observe(time.Since(begun).Seconds()) }()
	// The server's life bounds this, not a request's: the store has time limits of its own.
	fenced, err := d.opt.Log.Settle(context.Background(), settlements)
	gone := make(map[ReaderID]bool, len(fenced))
	for _, id := range fenced {
		gone[id] = true
	}
	for i := range batch {
		if err == nil && gone[batch[i].Reader] {
			batch[i].done <- errFenced
			continue
		}
		batch[i].done <- err
	}
}
