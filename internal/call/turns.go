package call

import (
	"context"
	"net/http"
)

// Turns let a few callers at a time ask the store: they must not take its connections from changes and delivery.
type Turns struct{ taken chan struct{} }

// NewTurns returns turns for so many at a time.
func NewTurns(most int) *Turns { return &Turns{make(chan struct{}, most)} }

// ErrBusy is for whoever waited too long for a turn.
var ErrBusy = &Failure{http.StatusServiceUnavailable, "others are asking just now, and few may at one time; ask again"}

// Do runs f when it is its turn, and returns its error. ctx ends the waiting only, with [ErrBusy].
func (t *Turns) Do(ctx context.Context, f func() error) error {
	select {
	case t.taken <- struct{}{}:
	case <-ctx.Done():
		return ErrBusy
	}
	defer func() { <-t.taken }()
	return f()
}
