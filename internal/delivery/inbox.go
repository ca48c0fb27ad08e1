package delivery

import (
	"sync"
	"sync/atomic"

	"github.com/callboard/callboard/internal/eventlog"
)

// inbox is where the engine leaves committed events for a reader. It never blocks the engine: what does not fit, or
// does not follow on what is there, is dropped, and the reader is told to read the log instead.
type inbox struct {
	wake   chan struct{} // holds one token when there is something new
	used   *atomic.Int64 // bytes of events of all readers
	memory int64         // beyond it nothing is taken

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

func newInbox(used *atomic.Int64, memory int64) *inbox {
	return &inbox{wake: make(chan struct{}, 1), used: used, memory: memory}
}

// put takes events in the order of their numbers.
func (b *inbox) put(events []eventlog.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := 0
	for i := range events {
		size += events[i].Size()
	}
	fits := len(b.events)+len(events) <= inboxEvents && b.bytes+size <= inboxBytes && b.used.Load()+int64(size) <= b.memory
	if events[0].Seq == b.next && fits {
		b.events = append(b.events, events...)
		b.bytes += size
		b.used.Add(int64(size))
		b.next = events[len(events)-1].Seq + 1
	} else {
		b.next, b.missed = 0, true
	}
	b.signal()
}

// lose tells that there may be events which were not put in, and drops those that were: the log is to be read.
func (b *inbox) lose() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used.Add(-int64(b.bytes))
	b.events, b.bytes, b.next, b.missed = nil, 0, 0, true
	b.signal()
}

func (b *inbox) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// signalled tells whether something came since the reader last looked, and takes note of it.
func (b *inbox) signalled() bool {
	select {
	case <-b.wake:
		return true
	default:
		return false
	}
}

// take returns what was put in, and whether the reader follows: then these events are all that there is.
func (b *inbox) take() (events []eventlog.Event, follows bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used.Add(-int64(b.bytes))
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
