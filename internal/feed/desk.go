package feed

import "context"

// desk lets a few at a time ask the store: readers that are behind must not take its connections from calls and delivery. Tails have
// one of their own, so that they do not wait for such readers.
type desk struct {
	log   Log
	slots chan struct{}
}

const deskSlots = 2

func newDesk(log Log) desk { return desk{log, make(chan struct{}, deskSlots)} }

// ask runs f, which must not write to a caller, when it is its turn. ctx ends the waiting only: a caller that leaves must not cost
// a store the connection on which it is asked.
func (d desk) ask(ctx context.Context, f func(Log) error) error {
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-d.slots }()
	return f(d.log)
}
