package egress

import (
	"errors"
	"sync"
)

var errClosed = errors.New("the sender is closed")

// gate counts what is under way, and closes: then nothing more enters, and close waits for what is inside. A bare
// WaitGroup would not do, because its Add may not race with a Wait at zero.
type gate struct {
	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup
}

// enter reports whether the gate is open; if so, leave must follow.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.inside.Add(1)
	return true
}

func (g *gate) leave() { g.inside.Done() }

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}

func (g *gate) wait() { g.inside.Wait() }
