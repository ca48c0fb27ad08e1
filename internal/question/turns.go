package question

import (
	"context"
	"sync"

	"github.com/callboard/callboard/internal/live"
)

// turns bounds the questions that are under way, of each App and of all.
type turns struct {
	ofApp int
	all   chan struct{} // one for each question under way

	mu   sync.Mutex
	apps map[live.AppID]*share // of Apps that have questions under way, or waiting
}

// share are the questions of an App.
type share struct {
	under chan struct{} // one for each that has its App's turn
	users int           // those that have it or wait for it
}

func newTurns(ofApp, inAll int) *turns {
	return &turns{ofApp: ofApp, all: make(chan struct{}, inAll), apps: map[live.AppID]*share{}}
}

// take waits for a turn as long as ctx goes. If it returns true, give must follow. The App's turn comes first, so that
// an App whose backend hangs holds up at most its own share.
func (t *turns) take(ctx context.Context, app live.AppID) bool {
	s := t.join(app)
	if !enter(ctx, s.under) {
		t.leave(app)
		return false
	}
	if !enter(ctx, t.all) {
		<-s.under
		t.leave(app)
		return false
	}
	return true
}

func (t *turns) give(app live.AppID) {
	<-t.all
	t.mu.Lock()
	s := t.apps[app]
	t.mu.Unlock()
	<-s.under
	t.leave(app)
}

func (t *turns) join(app live.AppID) *share {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.apps[app]
	if s == nil {
		s = &share{under: make(chan struct{}, t.ofApp)}
		t.apps[app] = s
	}
	s.users++
	return s
}

func (t *turns) leave(app live.AppID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.apps[app]
	if s.users--; s.users == 0 {
		delete(t.apps, app)
	}
}

// enter takes a free turn also when ctx has just ended: only who has to wait is turned away.
func enter(ctx context.Context, turn chan struct{}) bool {
	select {
	case turn <- struct{}{}:
		return true
	default:
	}
	select {
	case turn <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}
