package delivery

import (
	"context"
	"errors"
	"time"
)

// settleRequest is one reader's settlement on its way to the store.
type settleRequest struct {
	Settlement
	done chan error // holds one
}

// errFenced is what a reader gets when another one has taken its place.
var errFenced = errors.New("the reader was opened by another process")

// settle is the goroutine that stores settlements: those that wait together go into one transaction.
func (d *Dispatcher) settle() {
	const together = 64
	for first := range d.settles {
		batch := []settleRequest{first}
		for len(batch) < together {
			next, ok := d.nextSettle()
			if !ok {
				break
			}
			batch = append(batch, next)
		}
		d.store(batch)
	}
}

// nextSettle returns a request that waits already.
func (d *Dispatcher) nextSettle() (settleRequest, bool) {
	select {
	case next, ok := <-d.settles:
		return next, ok
	default:
		return settleRequest{}, false
	}
}

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
