package bench

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/callboard/callboard/callback"
)

// script knows which callbacks are to come in each lane: the calls of a room are made one after the other, each is one
// change, and its callback says what was changed. So a lane has to tell the calls in their order, whatever its numbers say.
// Its methods may be called from many goroutines. What it keeps is what has not come.
type script struct {
	begun time.Time
	apps  []actApp // by index
	owed  atomic.Int64
}

type actApp struct {
	mu    sync.Mutex
	lanes [][]act // by room: what is to come
	// times are milliseconds from each call's intended start to its callback.
	times []float64
	// wait says how long to hold back the answer to a callback that came so long after its call; nil: not at all.
	wait func(age time.Duration) time.Duration
}

// act is a call and the callback that it is to have.
type act struct {
	kind     actKind
	number   uint32        // names what was changed
	intended time.Duration // since begun
}

// actKind is what a call does.
type actKind uint8

const (
	create actKind = iota
	destroy
	update
	change // of the owner
	add
	remove
)

// words are the callback commands of the kinds, as they stand in a body.
var words = [...][]byte{
	create:  word(callback.CommandAfterCreateRoom),
	destroy: word(callback.CommandAfterDestroyRoom),
	update:  word(callback.CommandAfterUpdateRoomInfo),
	change:  word(callback.CommandAfterChangeOwner),
	add:     word(callback.CommandAfterModifyAdmin),
	remove:  word(callback.CommandAfterModifyAdmin),
}

func word(c callback.Command) []byte { return []byte(`"` + string(c) + `"`) }

// newScript has that many rooms of each App, and space for the times of that many of its calls.
func newScript(apps, rooms, calls int) *script {
	s := &script{begun: time.Now(), apps: make([]actApp, apps)}
	for i := range s.apps {
		s.apps[i].lanes, s.apps[i].times = make([][]act, rooms), make([]float64, 0, calls)
	}
	return s
}

// expect notes a call before it is made. Nothing else of the room may be under way.
func (s *script) expect(app, room int, kind actKind, number uint32, intended time.Time) {
	a := &s.apps[app]
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lanes[room] = append(a.lanes[room], act{kind, number, intended.Sub(s.begun)})
	s.owed.Add(1)
}

// doubt says that nobody knows whether the last call of a room has happened. It may have no more calls.
func (s *script) doubt(app, room int) {
	a := &s.apps[app]
	a.mu.Lock()
	defer a.mu.Unlock()
	if lane := a.lanes[room]; len(lane) > 0 {
		a.lanes[room] = lane[:len(lane)-1]
		s.owed.Add(-1)
	}
}

// take holds the first arrival of a callback against the next that is to come in its lane. anew: it is that of a room
// which was created.
func (s *script) take(app, room int, arrived *arrival) (anew bool, err error) {
	if app >= len(s.apps) || room >= len(s.apps[app].lanes) {
		return false, fmt.Errorf("%s is of a room that nobody made", arrived.id)
	}
	a := &s.apps[app]
	a.mu.Lock()
	defer a.mu.Unlock()
	lane := a.lanes[room]
	if len(lane) == 0 {
		return false, fmt.Errorf("%s came, and nothing was to come in its lane", arrived.id)
	}
	next := lane[0]
	if a.lanes[room] = lane[1:]; len(lane) == 1 {
		a.lanes[room] = nil
	}
	s.owed.Add(-1)
	if !next.told(arrived.body) {
		err = fmt.Errorf("%s is not %s of %s, which was to come: %.200s", arrived.id, words[next.kind], next.name(), arrived.body)
	}
	age := arrived.at.Sub(s.begun) - next.intended
	a.times = append(a.times, milliseconds(age))
	if a.wait != nil {
		arrived.wait = a.wait(age)
	}
	return next.kind == create, err
}

// name is the account or the room's name that makes the change known.
func (a act) name() string { return accountName(mixedName, int64(a.number)) }

// told tells whether a body reports the change.
func (a act) told(body []byte) bool {
	if !bytes.Contains(body, words[a.kind]) || !bytes.Contains(body, []byte(`"`+a.name()+`"`)) {
		return false
	}
	switch op := string(field(body, `"opType":"`)); a.kind {
	case add:
		return op == "add"
	case remove:
		return op == "delete"
	}
	return true
}
