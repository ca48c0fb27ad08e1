package delivery

import (
	"sync"

	"github.com/callboard/callboard/internal/eventlog"
)

// inbox is where the engine leaves committed events for a reader. It never blocks the engine: what does not fit, or
// does not follow on what is there, is dropped, and the reader is told to read the log instead.
type inbox struct {
	wake chan struct{} // holds one token when there is something new

	mu     sync.Mutex
	events []eventlog.Event
	bytes  int
	next   int64 // the number that follows on what was put in last; 0: the reader does not follow
	missed bool  // something was dropped since the reader last asked
}

const (
	inboxEvents = 1024
	inboxBytes  = 2 << 20
)

func newInbox() *inbox { return &inbox{wake: make(chan struct{}, 1)} }

// put takes events in the order of their numbers.
func (b *inbox) put(events []eventlog.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := 0
	for i := range events {
		size += events[i].Size()
	}
	if events[0].Seq == b.next && len(b.events)+len(events) <= inboxEvents && b.bytes+size <= inboxBytes {
		b.events = append(b.events, events...)
		b.bytes += size
		b.next = events[len(events)-1].Seq + 1
	} else {
		b.next, b.missed = 0, true
	}
	b.signal()
}

// lose tells that there may be events which were not put in.
func (b *inbox) lose() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next, b.missed = 0, true
	b.signal()
}

func (b *inbox) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// take returns what was put in, and whether the reader follows: then these events are all that there is.
func (b *inbox) take() (events []eventlog.Event, follows bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	events, b.events, b.bytes = b.events, nil, 0
	return events, b.next != 0
}

// reading tells that the log will be read now: what is dropped from now on may not be in what is read.
func (b *inbox) reading() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.missed = false
}

// follow makes the reader follow from number next on, unless something was dropped since reading was called. It
// returns whether it does.
func (b *inbox) follow(next int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.missed {
		return false
	}
	b.next = next
	return true
}

// empty tells whether nothing is waiting and the reader follows.
func (b *inbox) empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.events) == 0 && b.next != 0
}
