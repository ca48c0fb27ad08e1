package delivery_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

var errAway = errors.New("the store is away")

// faultyLog is a store that fails as it is told, and counts what it is asked.
type faultyLog struct {
	delivery.Log

	mu      sync.Mutex
	fault   map[string]fault  // by method
	hook    map[string]func() // run before the method, once
	asked   []string
	pages   []int                 // events asked for of a lane
	settled []delivery.Settlement // those that were stored
	gap     atomic.Bool           // pages of the log begin one event too late
}

// fault is how a method fails.
type fault int

const (
	before  fault = iota + 1 // nothing is done
	applied                  // it is done, and the answer is lost
)

// fail makes methods fail from now on; none: all work again.
func (l *faultyLog) fail(how fault, methods ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = map[string]fault{}
	for _, m := range methods {
		l.fault[m] = how
	}
}

// takeAsked returns the methods that were called since it was asked last.
func (l *faultyLog) takeAsked() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.asked
	l.asked = nil
	return list
}

// attempts are those that are stored.
func (l *faultyLog) attempts() []eventlog.Attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []eventlog.Attempt
	for _, s := range l.settled {
		list = append(list, s.Attempts...)
	}
	return list
}

// attemptsByApp are the same, of each App.
func (l *faultyLog) attemptsByApp() map[live.AppID][]eventlog.Attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := map[live.AppID][]eventlog.Attempt{}
	for _, s := range l.settled {
		list[s.Reader.App] = append(list[s.Reader.App], s.Attempts...)
	}
	return list
}

// promised are the readers of settlements that were stored for good, since it was asked last.
func (l *faultyLog) promised() []delivery.ReaderID {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []delivery.ReaderID
	for i := range l.settled {
		if l.settled[i].Promised {
			list = append(list, l.settled[i].Reader)
			l.settled[i].Promised = false
		}
	}
	return list
}

func (l *faultyLog) enter(method string) fault {
	l.mu.Lock()
	l.asked = append(l.asked, method)
	how, hook := l.fault[method], l.hook[method]
	delete(l.hook, method)
	l.mu.Unlock()
	if hook != nil {
		hook()
	}
	return how
}

// during runs fn within the next call of a method.
func (l *faultyLog) during(method string, fn func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hook = map[string]func(){method: fn}
}

// takePages returns how many events were asked for by reads of lanes.
func (l *faultyLog) takePages() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.pages
	l.pages = nil
	return list
}

// Open implements delivery.Log.
func (l *faultyLog) Open(ctx context.Context, id delivery.ReaderID) (delivery.Position, error) {
	if l.enter("Open") != 0 {
		return delivery.Position{}, errAway
	}
	return l.Log.Open(ctx, id)
}

// Read implements delivery.Log.
func (l *faultyLog) Read(ctx context.Context, app live.AppID, from int64, page delivery.Page) ([]eventlog.Event, bool, error) {
	if l.enter("Read") != 0 {
		return nil, false, errAway
	}
	if l.gap.Load() {
		from++
	}
	return l.Log.Read(ctx, app, from, page)
}

// ReadLane implements delivery.Log.
func (l *faultyLog) ReadLane(ctx context.Context, app live.AppID, part delivery.LanePart, page delivery.Page) ([]eventlog.Event, error) {
	if l.enter("ReadLane") != 0 {
		return nil, errAway
	}
	l.mu.Lock()
	l.pages = append(l.pages, page.Events)
	l.mu.Unlock()
	return l.Log.ReadLane(ctx, app, part, page)
}

// ReadAgain implements delivery.Log.
func (l *faultyLog) ReadAgain(ctx context.Context, app live.AppID, r delivery.Redelivery, page delivery.Page) ([]eventlog.Event, error) {
	if l.enter("ReadAgain") != 0 {
		return nil, errAway
	}
	return l.Log.ReadAgain(ctx, app, r, page)
}

// Redeliver implements delivery.Log.
func (l *faultyLog) Redeliver(ctx context.Context, app live.AppID, r delivery.Redelivery) (delivery.ReaderID, error) {
	how := l.enter("Redeliver")
	if how == before {
		return delivery.ReaderID{App: app, Name: "redelivery-1"}, errAway
	}
	id, err := l.Log.Redeliver(ctx, app, r)
	if how == applied {
		return id, errAway
	}
	return id, err
}

// Skips implements delivery.Log.
func (l *faultyLog) Skips(ctx context.Context, id delivery.ReaderID, lanes []eventlog.Lane) ([]eventlog.Skip, error) {
	if l.enter("Skips") != 0 {
		return nil, errAway
	}
	return l.Log.Skips(ctx, id, lanes)
}

// Settle implements delivery.Log.
func (l *faultyLog) Settle(ctx context.Context, list []delivery.Settlement) ([]delivery.ReaderID, error) {
	how := l.enter("Settle")
	if how == before {
		return nil, errAway
	}
	fenced, err := l.Log.Settle(ctx, list)
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, s := range list {
			if !slices.Contains(fenced, s.Reader) {
				l.settled = append(l.settled, s)
			}
		}
	}
	if how == applied {
		return nil, errAway
	}
	return fenced, err
}
