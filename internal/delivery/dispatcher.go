package delivery

import (
	"container/list"
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Sender sends one request and judges nothing. *egress.Sender is one.
type Sender interface {
	Send(ctx context.Context, r egress.Request) egress.Answer
}

// Options of a [Dispatcher]. Log, Sender and Settings are needed.
type Options struct {
	Log    Log
	Sender Sender
	// Settings returns those of an App as last committed; they are read at every attempt.
	Settings func(live.AppID) *live.App
	Logger   *slog.Logger
	Metrics  *Metrics
	// Jitter returns numbers from 0 to 1 that spread retries. nil: random.
	Jitter func() float64
	// InFlight is the most attempts in flight in all. 0: 1024.
	InFlight int
	// Records is the most attempts in all that are in flight, or recorded and not stored. 0: 32,768.
	Records int
	// Memory is the most bytes of events in the windows of all Apps. 0: 64 MiB.
	Memory int64
	// HeldLanes is the most lanes that a reader holds. 0: 10,000.
	HeldLanes int
	// Retention says how long the log is kept; the zero value: for ever.
	Retention RetentionOptions
	// SettleEvery is how often a reader's progress is stored. 0: 200 ms.
	SettleEvery time.Duration
	// Grace is how long Stop lets attempts in flight go on. 0: 7 s.
	Grace time.Duration

	limits limits // of each reader, from the others
}

func (o *Options) defaults() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics(nil)
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.InFlight == 0 {
		o.InFlight = 1024
	}
	if o.Records == 0 {
		o.Records = 32_768
	}
	if o.Memory == 0 {
		o.Memory = 64 << 20
	}
	if o.HeldLanes == 0 {
		o.HeldLanes = standardLimits.held
	}
	o.limits = standardLimits
	o.limits.held = o.HeldLanes
	o.limits.bytes = int(min(int64(standardLimits.bytes), o.Memory/4))
	o.limits.unsaved = max(min(standardLimits.unsaved, o.Records/16), 1)
	o.Retention.defaults()
	if o.SettleEvery == 0 {
		o.SettleEvery = 200 * time.Millisecond
	}
	if o.Grace == 0 {
		o.Grace = 7 * time.Second
	}
}

// Dispatcher runs the readers. [New] makes one, Start begins, Stop ends.
type Dispatcher struct {
	opt   Options
	slots *slots
	desks desks
	// crossings are the lanes that are being sent of.
	crossings crossings
	used      atomic.Int64 // bytes of events in all windows and before them

	stopping chan struct{}      // closed by Stop
	attempts context.Context    // that of the attempts in flight
	cancel   context.CancelFunc // ends attempts
	running  sync.WaitGroup     // readers and their attempts
	settles  settles            // to the settler
	typical  atomic.Int64       // how long an answer that accepts takes now, in nanoseconds
	working  atomic.Int64       // readers that have a goroutine
	settler  sync.WaitGroup
	sweeper  sync.WaitGroup
	clerks   sync.WaitGroup // at the desks
	storing  atomic.Int64   // when the settlement under way began, in Unix nanoseconds; 0: there is none

	mu      sync.Mutex
	readers map[ReaderID]*reader
	bursts  bursts
	resting list.List // of readers without a goroutine, by how long they rest
	stopped bool
}

// New returns a dispatcher that is not started.
func New(opt Options) *Dispatcher {
	opt.defaults()
	ctx, cancel := context.WithCancel(context.Background())
	return &Dispatcher{
		opt: opt, slots: newSlots(opt.InFlight, opt.Records), desks: desks{make(chan func())}, crossings: crossings{lanes: map[crossing]usage{}}, stopping: make(chan struct{}), attempts: ctx, cancel: cancel,
		settles: settles{wake: make(chan struct{}, 1)}, readers: map[ReaderID]*reader{},
	}
}

// Start begins with the readers that have a backlog.
func (d *Dispatcher) Start(ctx context.Context) error {
	d.settler.Go(d.settle)
	for range deskCount {
		d.clerks.Go(d.desks.serve)
	}
	if d.opt.Retention.Store != nil {
		d.sweeper.Go(d.sweep)
	}
	var pending []ReaderID
	err := d.opt.Log.Pending(ctx, func(id ReaderID) error {
		pending = append(pending, id)
		return nil
	})
	d.startBursts(pending)
	return err
}

// HandOver implements engine.Reader: it takes the events of one commit and does not block. None at all: the log is read.
func (d *Dispatcher) HandOver(app live.AppID, events []eventlog.Event) {
	for _, id := range d.standing(app) {
		d.wake(id, events)
	}
}

// wake gives a reader something to do, without events the log itself.
func (d *Dispatcher) wake(id ReaderID, events []eventlog.Event) {
	d.wakeWith(id, func(r *reader) {
		if len(events) > 0 {
			r.inbox.put(events)
		} else {
			r.inbox.lose()
		}
	})
}

// wakeWith gives a reader something to do, and starts its goroutine if it rests. It returns false when the dispatcher
// stops: then the log has it.
func (d *Dispatcher) wakeWith(id ReaderID, give func(*reader)) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped {
		return false
	}
	r := d.readers[id]
	if r == nil {
		r = newReader(d, id)
		d.readers[id] = r
	}
	give(r)
	if !r.running {
		d.run(r)
	}
	return true
}

// run starts the goroutine of a reader; the caller has the mutex.
func (d *Dispatcher) run(r *reader) {
	r.running = true
	d.unretire(r)
	d.working.Add(1)
	d.running.Go(r.run)
}

// SettingsChanged implements engine.Reader: readers that are there look at the new settings at once.
func (d *Dispatcher) SettingsChanged(app live.AppID) {
	for _, id := range d.present(app) {
		d.wake(id, nil)
	}
}

// present returns the readers of an App that are in memory.
func (d *Dispatcher) present(app live.AppID) []ReaderID {
	d.mu.Lock()
	defer d.mu.Unlock()
	var ids []ReaderID
	for id := range d.readers {
		if id.App == app {
			ids = append(ids, id)
		}
	}
	return ids
}

// rest ends the goroutine of a reader that has nothing to do, unless it was handed something meanwhile.
func (d *Dispatcher) rest(r *reader) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	stopped := r.window != nil && r.window.stopped()
	if r.over && r.window == nil && r.inbox.signalled() {
		r.over = false // it was not there when it was asked for, and may have been made since
		return false
	}
	if len(r.asks) > 0 || len(r.questions) > 0 || !stopped && !r.over && !r.inbox.empty() {
		return false
	}
	if stopped {
		r.inbox.lose() // the log has it
	}
	if r.window != nil {
		r.window.breaker.Rest()
	}
	switch {
	case r.over:
		r.inbox.lose()
		delete(d.readers, r.id)
		r.tellOver()
	case !stopped:
		d.retire(r)
	}
	r.face.rest()
	r.running = false
	d.working.Add(-1)
	d.endBurst(r) // a reader that is paused rests before its first moment is over
	return true
}

// restingKept is how many readers at rest are kept, so that an App with a callback now and then need not be opened each time.
const restingKept = 256

// retire notes that a reader rests, and forgets the one that has rested longest when there are too many; the caller has the
// mutex. A reader that is paused is not forgotten: that it is stands in the metrics.
func (d *Dispatcher) retire(r *reader) {
	r.rested = d.resting.PushBack(r)
	if d.resting.Len() > restingKept {
		oldest := d.resting.Front().Value.(*reader)
		d.unretire(oldest)
		delete(d.readers, oldest.id)
	}
}

// unretire takes a reader out of those at rest; the caller has the mutex.
func (d *Dispatcher) unretire(r *reader) {
	if r.rested != nil {
		d.resting.Remove(r.rested)
		r.rested = nil
	}
}

// Stop ends delivery: nothing more is sent, what is in flight is waited for (for the grace time, then cancelled), and
// what was done is stored.
func (d *Dispatcher) Stop() {
	d.mu.Lock()
	d.stopped = true
	d.mu.Unlock()
	close(d.stopping)
	timer := time.AfterFunc(d.opt.Grace, d.cancel)
	d.running.Wait()
	timer.Stop()
	d.cancel()
	d.sweeper.Wait()
	d.desks.close()
	d.clerks.Wait()
	d.settles.close()
	d.settler.Wait()
}

// ending tells whether Stop was called.
func (d *Dispatcher) ending() bool {
	select {
	case <-d.stopping:
		return true
	default:
		return false
	}
}
