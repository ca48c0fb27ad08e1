package delivery

import (
	"github.com/callboard/callboard/internal/eventlog"
)

// unsaved is what was done since the last settlement.
type unsaved struct {
	moved    bool                       // the cursor
	hold     map[eventlog.Lane]struct{} // lanes whose row is to be written
	release  map[eventlog.Lane]struct{} // lanes whose row is to be deleted
	attempts []eventlog.Attempt
}

func newUnsaved() unsaved {
	return unsaved{hold: map[eventlog.Lane]struct{}{}, release: map[eventlog.Lane]struct{}{}}
}

// record keeps an attempt for the next settlement.
func (w *window) record(a eventlog.Attempt) { w.attempts = append(w.attempts, a) }

// dirty tells whether there is something to settle.
func (w *window) dirty() bool {
	return w.moved || len(w.unsaved.hold) > 0 || len(w.release) > 0 || len(w.attempts) > 0
}

// settlement takes what is unsaved; the caller gives it back with restore when it could not be stored.
func (w *window) settlement() (Settlement, unsaved) {
	s := Settlement{Cursor: w.cursor.Clone(), Attempts: w.attempts}
	for name := range w.unsaved.hold {
		s.Hold = append(s.Hold, *w.lanes[name].held)
	}
	for name := range w.release {
		s.Release = append(s.Release, name)
	}
	taken := w.unsaved
	w.unsaved = newUnsaved()
	return s, taken
}

// restore makes what could not be stored unsaved again; what has happened since counts.
func (w *window) restore(u unsaved) {
	w.moved = true
	w.attempts = append(u.attempts, w.attempts...)
	for name := range u.hold {
		w.unsave(name)
	}
	for name := range u.release {
		w.unsave(name)
	}
}

func (w *window) unsave(name eventlog.Lane) {
	if l := w.lanes[name]; l != nil && l.held != nil {
		w.unsaved.hold[name] = struct{}{}
		return
	}
	w.release[name] = struct{}{}
}
