package bench

import (
	"fmt"
	"hash/maphash"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// arrival is one callback as it came to the receiver.
type arrival struct {
	app               uint32
	id, log, lane     string
	seq, prev         int64
	roomSeq, roomPrev int64
	attempt           int
	replay            bool // a person asked for it
	body              []byte
	at                time.Time
	wait              time.Duration // how long the answer is held back; set by the ledger
}

// ledger is what the receiver saw of one measurement, and its check. Its methods may be called from many goroutines.
type ledger struct {
	// hang says which callbacks are not answered; nil: none. app and room are indexes.
	hang func(app, room int) bool
	// times gets the arrivals of timed accounts; nil: nobody asks.
	times *timeline
	// past is what was delivered before the measurement began.
	past past
	// mood says what the App backend does with what comes now; nil: it accepts.
	mood func(app int, at time.Time) verdict
	// script knows which callbacks are to come; nil: nobody does.
	script *script
	// replays are what is sent again because somebody asked for it; nil: nobody has.
	replays *replays

	count       atomic.Int64 // first arrivals that were answered
	first, last atomic.Int64 // when, in nanoseconds since begun; 0: none yet
	begun       time.Time
	seed        maphash.Seed

	mu      sync.Mutex
	apps    []appBook // by index
	repeats int
	turned  int // that the mood did not accept
	// forgotten is how many rooms were created anew with numbers above those that the log forgot.
	forgotten int
	problems  map[string]int // by kind
	samples   []string       // of problems
}

// appBook is what was seen of one App's log.
type appBook struct {
	log   string
	rows  rows   // by seq
	lanes []book // by room
}

// past is what was delivered before: nothing, when it is zero.
type past struct {
	seq  int64 // last number of each App's log
	lane int64 // Room-Seq of the last callback of each lane
}

// book is a lane.
type book struct {
	accepted int64 // Room-Seq of the last callback that was answered
	hung     int64 // Room-Seq of the one that is not answered; 0: none
}

// Kinds of problems.
const (
	lost     = "lost"
	reorder  = "out of order"
	gap      = "a gap in a lane"
	altered  = "altered"
	overtake = "overtook one that was not answered"
	strange  = "not those that were to come"
)

// Bounds of what is believed: a number beyond is altered.
const (
	maxApps    = 100_000
	maxSeq     = 50_000_000
	maxSamples = 5
)

func newLedger() *ledger {
	return &ledger{begun: time.Now(), seed: maphash.MakeSeed(), problems: map[string]int{}}
}

// verdict of an arrival: what the receiver does with it.
type verdict int

const (
	accept  verdict = iota
	silence         // no answer
	refuse          // an answer that says no
)

// arrive takes a callback into the books before it is answered.
func (l *ledger) arrive(a *arrival) verdict {
	app, room, err := a.check()
	sum := l.sum(a)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.note(altered, err.Error())
		return accept
	}
	if a.replay && l.replays != nil {
		l.replays.arrive(room, a)
		return accept
	}
	b := l.book(app, room)
	lane := &b.lanes[room]
	if l.hang != nil && l.hang(app, room) {
		l.leave(a, lane)
		return silence
	}
	if l.mood != nil {
		if v := l.mood(app, a.at); v != accept {
			l.turned++
			if b.rows.at(a.seq).sum == 0 { // one that was accepted before is a repeat, whatever becomes of it
				l.leave(a, lane)
			}
			return v
		}
	}
	if !l.record(b, a, sum) {
		return accept
	}
	if lane.hung != 0 {
		l.leave(a, lane)
		lane.hung = 0
	}
	anew := false
	if l.script != nil {
		anew, err = l.script.take(app, room, a)
		if err != nil {
			l.note(strange, err.Error())
		}
	}
	l.place(a, lane, anew)
	l.clock(a)
	return accept
}

// reject notes a request that is no callback of Callboard.
func (l *ledger) reject(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note(altered, err.Error())
}

// leave notes a callback that is not answered. Until it is, no other of its lane may come.
func (l *ledger) leave(a *arrival, lane *book) {
	if lane.hung == 0 {
		lane.hung = a.roomSeq
	}
	if lane.hung != a.roomSeq {
		l.note(overtake, fmt.Sprintf("%s came while Room-Seq %d of its lane was not answered", a.id, lane.hung))
	}
}

func (l *ledger) book(app, room int) *appBook {
	for len(l.apps) <= app {
		l.apps = append(l.apps, appBook{})
	}
	b := &l.apps[app]
	for len(b.lanes) <= room {
		b.lanes = append(b.lanes, book{accepted: l.past.lane})
	}
	return b
}

// record keeps numbers and bytes of a first arrival; false: it is a repeat, which must be the same.
func (l *ledger) record(b *appBook, a *arrival, sum uint64) bool {
	if b.log == "" {
		b.log = a.log
	}
	if b.log != a.log {
		l.note(altered, fmt.Sprintf("%s has another log than %s", a.id, b.log))
	}
	known := b.rows.at(a.seq)
	if known.sum != 0 {
		l.repeats++
		if known.sum != sum {
			l.note(altered, a.id+" came again with other numbers or another body")
		}
		return false
	}
	*known = row{sum: sum, prev: a.prev}
	return true
}

// sum is over all that a repeat must have in common with the first arrival; never 0.
func (l *ledger) sum(a *arrival) uint64 {
	var h maphash.Hash
	h.SetSeed(l.seed)
	var room [64]byte
	b := room[:0]
	for _, n := range []int64{a.prev, a.roomSeq, a.roomPrev} {
		b = append(strconv.AppendInt(b, n, 10), ' ')
	}
	_, _ = h.Write(b)
	_, _ = h.WriteString(a.lane)
	_, _ = h.Write(a.body)
	return h.Sum64() | 1
}

// place checks a first arrival against what its lane had before. anew: the room was created anew, and the log may have
// forgotten the one before; then its Room-Seq begins above all that were forgotten, and its Room-Prev is 0.
func (l *ledger) place(a *arrival, lane *book, anew bool) {
	switch {
	case anew && a.roomPrev == 0 && a.roomSeq > lane.accepted:
		if lane.accepted > 0 {
			l.forgotten++
		}
	case a.roomSeq <= lane.accepted:
		l.note(reorder, fmt.Sprintf("%s has Room-Seq %d and came after %d", a.id, a.roomSeq, lane.accepted))
	case a.roomPrev > lane.accepted:
		l.note(gap, fmt.Sprintf("%s follows on Room-Seq %d; the last that came is %d", a.id, a.roomPrev, lane.accepted))
	case a.roomPrev < lane.accepted:
		l.note(altered, fmt.Sprintf("%s says that it follows on Room-Seq %d, and %d came before it", a.id, a.roomPrev, lane.accepted))
	}
	lane.accepted = max(lane.accepted, a.roomSeq)
}

func (l *ledger) clock(a *arrival) {
	at := int64(a.at.Sub(l.begun))
	l.first.CompareAndSwap(0, at)
	if at > l.last.Load() {
		l.last.Store(at)
	}
	l.count.Add(1)
	if l.times != nil {
		l.times.arrive(a.body, a.at)
	}
}

func (l *ledger) note(kind, text string) {
	l.problems[kind]++
	if len(l.samples) < maxSamples {
		l.samples = append(l.samples, kind+": "+text)
	}
}
