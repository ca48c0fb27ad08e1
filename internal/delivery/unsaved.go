package delivery

import (
	"github.com/callboard/callboard/internal/eventlog"
)

// unsaved is what was done since the last settlement.
type unsaved struct {
	moved    bool                       // the cursor, or a pause
	hold     map[eventlog.Lane]struct{} // lanes whose row is to be written
	release  map[eventlog.Lane]struct{} // lanes whose row is to be deleted
	skip     map[eventlog.Lane]struct{} // lanes whose announcement is to be written, or deleted
	attempts []eventlog.Attempt
	dead     []eventlog.Dead
	revived  []int64
	finished bool         // a redelivery has ended
	answers  []chan error // to be answered when it is stored
}

func newUnsaved() unsaved {
	return unsaved{hold: map[eventlog.Lane]struct{}{}, release: map[eventlog.Lane]struct{}{}, skip: map[eventlog.Lane]struct{}{}}
}

// unstored is what limits.unsaved bounds. Held lanes have a limit of their own.
func (u *unsaved) unstored() int { return len(u.attempts) + len(u.dead) + len(u.revived) + len(u.skip) }

// record keeps an attempt for the next settlement.
func (w *window) record(a eventlog.Attempt) { w.attempts = append(w.attempts, a) }

// revived notes that a redelivery was accepted: its dead letter, if there is one, leaves.
func (w *window) revive(seq int64) { w.revived = append(w.revived, seq) }

// dirty tells whether there is something to settle.
func (w *window) dirty() bool {
	return w.moved || w.finished || len(w.unsaved.hold) > 0 || len(w.release) > 0 || w.unstored() > 0
}

// counts tells whether there is something that is stored once and never again.
func (u *unsaved) counts() bool {
	return u.finished || len(u.hold)+len(u.release)+len(u.skip)+len(u.dead)+len(u.revived) > 0
}

// settlement takes what is unsaved; the caller gives it back with restore when it could not be stored.
func (w *window) settlement() (Settlement, unsaved) {
	s := Settlement{
		Cursor: w.cursor.Clone(), Paused: w.paused, Attempts: w.attempts, Dead: w.dead, Revived: w.revived,
		Finished: w.finished, Durable: w.counts(),
	}
	for name := range w.unsaved.hold {
		s.Hold = append(s.Hold, *w.lanes[name].held)
	}
	for name := range w.release {
		s.Release = append(s.Release, name)
	}
	for name := range w.unsaved.skip {
		if skip := w.skips[name]; skip.To != 0 {
			s.Skip = append(s.Skip, skip)
		} else {
			s.Told = append(s.Told, name)
		}
	}
	taken := w.unsaved
	w.unsaved = newUnsaved()
	return s, taken
}

// restore makes what could not be stored unsaved again; what has happened since counts.
func (w *window) restore(u unsaved) {
	w.moved, w.finished = true, u.finished
	w.attempts = append(u.attempts, w.attempts...)
	w.dead = append(u.dead, w.dead...)
	w.revived = append(u.revived, w.revived...)
	for name := range u.hold {
		w.unsave(name)
	}
	for name := range u.release {
		w.unsave(name)
	}
	for name := range u.skip {
		w.unsaved.skip[name] = struct{}{}
	}
}

func (w *window) unsave(name eventlog.Lane) {
	if l := w.lanes[name]; l != nil && l.held != nil {
		w.unsaved.hold[name] = struct{}{}
		return
	}
	w.release[name] = struct{}{}
}
