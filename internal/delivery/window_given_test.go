package delivery

import (
	"maps"
	"slices"
	"time"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
)

// tb is what *testing.T and *rapid.T share.
type tb interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// rig drives a window as a reader does, over a log in memory, and keeps what a store would hold of it. Beside that it
// keeps the truth in the simplest form: how many callback events of each lane are settled.
type rig struct {
	breaks bool // the breaker sees results
	t      tb
	limits limits
	quota  int
	now    time.Time
	log    []eventlog.Event // log[i].Seq is i+1

	w       *window
	flying  map[eventlog.Lane]*lane
	settled map[eventlog.Lane]int // callback events of the lane, from the first
	arrived map[int64]int         // how often each number was settled
	skipped map[int64]bool        // what was settled undelivered and has to be announced
	lanes   map[eventlog.Lane]eventlog.LaneState

	store     stored
	synced    stored      // what is left of it when the database dies
	under     *Settlement // a settlement under way
	taken     unsaved
	takenTill map[eventlog.Lane]int
}

// stored is what survives a crash.
type stored struct {
	cursor  eventlog.Cursor
	held    map[eventlog.Lane]eventlog.Held
	settled map[eventlog.Lane]int
	skips   map[eventlog.Lane]eventlog.Skip
	dead    map[int64]bool
	paused  eventlog.Reason
}

// clone shares nothing with s.
func (s *stored) clone() stored {
	return stored{
		cursor: s.cursor.Clone(), held: maps.Clone(s.held), settled: maps.Clone(s.settled), skips: maps.Clone(s.skips), dead: maps.Clone(s.dead),
		paused: s.paused,
	}
}

// noon is when every rig starts.
var noon = time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)

func newRig(t tb, l limits) *rig {
	r := &rig{
		t: t, limits: l, quota: 1, now: noon,
		w:      newWindow(l, Position{}, noon),
		flying: map[eventlog.Lane]*lane{}, settled: map[eventlog.Lane]int{}, arrived: map[int64]int{}, skipped: map[int64]bool{},
		lanes: map[eventlog.Lane]eventlog.LaneState{},
		store: stored{
			held: map[eventlog.Lane]eventlog.Held{}, settled: map[eventlog.Lane]int{}, skips: map[eventlog.Lane]eventlog.Skip{}, dead: map[int64]bool{},
		},
	}
	r.synced = r.store.clone()
	return r
}

// commit appends an event to the log.
func (r *rig) commit(name eventlog.Lane, callback bool, size int) {
	e := eventlog.Event{Seq: int64(len(r.log)) + 1, Lane: name, Callback: callback, Body: make([]byte, size)}
	r.lanes[name] = r.lanes[name].Next(&e, 0)
	r.log = append(r.log, e)
}

// callbacks are the callback events of a lane between two numbers, both included.
func (r *rig) callbacks(name eventlog.Lane, from, to int64) []eventlog.Event {
	var list []eventlog.Event
	for _, e := range r.log {
		if e.Callback && e.Lane == name && e.Seq >= from && e.Seq <= to {
			list = append(list, e)
		}
	}
	return list
}

// expected is the number that the lane has to send next, 0 for none.
func (r *rig) expected(name eventlog.Lane) int64 {
	all := r.callbacks(name, 1, int64(len(r.log)))
	if n := r.settled[name]; n < len(all) {
		return all[n].Seq
	}
	return 0
}

// admit gives the window the next event of the log; false: there is none, or no room.
func (r *rig) admit() bool {
	r.w.skipDone()
	if !r.w.room() || r.w.read >= int64(len(r.log)) {
		return false
	}
	e := &r.log[r.w.read]
	r.mayRead(e.Seq)
	if s, ok := r.store.skips[e.Lane]; ok && r.w.asks(e) {
		r.w.announced([]eventlog.Skip{s})
	}
	r.w.admit(e, r.now)
	return true
}

// mayRead fails when the log may have forgotten an event: what the store has as done with, and no held lane needs.
func (r *rig) mayRead(seq int64) {
	needed := r.store.cursor.Done() + 1
	for _, h := range r.store.held {
		needed = min(needed, h.Next)
	}
	if seq < needed {
		r.t.Fatalf("event %d is read, and the log may have forgotten all below %d", seq, needed)
	}
}

// announces is what the next callback of a lane has to announce: those right before it that were skipped.
func (r *rig) announces(e *eventlog.Event) (s eventlog.Skip) {
	before := r.callbacks(e.Lane, 1, e.Seq-1)
	for i := len(before) - 1; i >= 0 && r.skipped[before[i].Seq]; i-- {
		if s.To == 0 {
			s = eventlog.Skip{Lane: e.Lane, To: before[i].RoomSeq, Seq: before[i].Seq}
		}
		s.From = before[i].RoomSeq
	}
	return s
}

// next is what a reader does for one free slot: it takes the lane whose turn it is and reads its page. broken: the read
// fails. It returns nil when there is nothing to send.
func (r *rig) next(broken bool) *lane {
	r.w.rest(r.now)
	for {
		l := r.w.next(r.now, r.quota)
		if l == nil {
			return nil
		}
		if r.flying[l.name] != nil {
			r.t.Fatalf("lane %s has its turn while it is in flight", l.name)
		}
		if len(l.queue) == 0 {
			if broken {
				r.w.schedule(l, r.now)
				return nil
			}
			if !r.load(l) {
				continue
			}
		}
		if got, want := l.queue[0].Seq, r.expected(l.name); got != want {
			r.t.Fatalf("lane %s is about to send %d, want %d", l.name, got, want)
		}
		s, ok := r.w.announcement(l)
		if want := r.announces(l.queue[0]); ok != (want.To != 0) || ok && s != want {
			r.t.Fatalf("event %d announces %+v (%v), want %+v", l.queue[0].Seq, s, ok, want)
		}
		return l
	}
}

func (r *rig) load(l *lane) bool {
	page, all := r.w.page(), r.callbacks(l.name, l.held.Next, r.w.reach(l))
	if len(all) > 0 {
		r.mayRead(all[0].Seq)
	}
	n, size := 0, 0
	for n < len(all) && n < page.Events {
		if size += all[n].Size(); n > 0 && size > page.Bytes {
			break
		}
		n++
	}
	return r.w.loaded(l, all[:n])
}

func (r *rig) send(l *lane) {
	r.w.sent(l)
	r.flying[l.name] = l
}

// end settles a lane's first event: delivered, failed, discarded or given up.
func (r *rig) end(l *lane, how string) {
	e := l.queue[0]
	r.arrived[e.Seq]++
	r.settled[l.name]++
	r.skipped[e.Seq] = how == "discarded" || how == "given up"
	switch how {
	case "discarded":
		r.w.skip(e)
	case "given up":
		r.w.bury(e, eventlog.Dead{Seq: e.Seq})
	default:
		r.w.told(l)
	}
	r.w.settled(l, r.now)
}

// land ends the attempt of a lane; wait is how long a refused one is held.
func (r *rig) land(name eventlog.Lane, how string, wait time.Duration) {
	l := r.flying[name]
	delete(r.flying, name)
	if how == "abandon" {
		r.w.abandoned(l, r.now)
		return
	}
	number := r.w.number(l)
	r.w.landed(l)
	r.w.record(eventlog.Attempt{Seq: l.queue[0].Seq, Number: number})
	switch how {
	case "ok":
		r.end(l, "delivered")
	case "lose":
		r.end(l, "failed")
	case "give up":
		r.end(l, "given up")
	default:
		a := eventlog.Attempt{Seq: l.queue[0].Seq, Number: number, Why: eventlog.Reason(how)}
		r.w.refused(l, &a, r.now, r.now.Add(wait))
	}
	if r.breaks && !r.w.stopped() {
		r.w.breaker.Note(policy.Result{Lane: name, First: number == 1, OK: how == "ok", Began: r.now}, r.now, 0)
	}
}

// take begins a settlement; false: there is nothing to store, or one is under way.
func (r *rig) take() bool {
	if r.under != nil || !r.w.dirty() {
		return false
	}
	s, taken := r.w.settlement()
	r.under, r.taken, r.takenTill = &s, taken, maps.Clone(r.settled)
	return true
}

// stored ends the settlement: applied tells whether the store has it, told whether the window gets to know.
func (r *rig) stored(applied, told bool) {
	if applied {
		r.store.cursor, r.store.settled = r.under.Cursor.Clone(), r.takenTill
		for _, name := range r.under.Release {
			delete(r.store.held, name)
		}
		for _, h := range r.under.Hold {
			r.store.held[h.Lane] = h
		}
		for _, name := range r.under.Told {
			delete(r.store.skips, name)
		}
		for _, s := range r.under.Skip {
			r.store.skips[s.Lane] = s
		}
		for _, d := range r.under.Dead {
			r.store.dead[d.Seq] = true
		}
		r.store.paused = r.under.Paused
		if r.under.Durable {
			r.synced = r.store.clone()
		}
	}
	if told {
		r.w.forgetStored()
	} else {
		r.w.restore(r.taken)
	}
	r.under, r.taken, r.takenTill = nil, unsaved{}, nil
}

// databaseDies forgets what was stored since the last settlement that was synced. The window does not get to know.
func (r *rig) databaseDies() { r.store = r.synced.clone() }

// crash forgets everything but the store, and starts anew from it.
func (r *rig) crash() {
	held := slices.Collect(maps.Values(r.store.held))
	slices.SortFunc(held, func(a, b eventlog.Held) int { return int(a.Next - b.Next) })
	r.w = newWindow(r.limits, Position{Cursor: r.store.cursor.Clone(), Held: held, Paused: r.store.paused}, r.now)
	for _, h := range held {
		if s, ok := r.store.skips[h.Lane]; ok {
			r.w.announced([]eventlog.Skip{s})
		}
	}
	r.flying, r.settled = map[eventlog.Lane]*lane{}, maps.Clone(r.store.settled)
	r.under, r.taken, r.takenTill = nil, unsaved{}, nil
}
