package delivery

import (
	"github.com/callboard/callboard/internal/eventlog"
)

// bury makes an event that is settled now a dead letter.
func (w *window) bury(e *eventlog.Event, d eventlog.Dead) {
	w.skip(e)
	w.dead = append(w.dead, d)
}

// skip announces, with the next callback of its lane, that an event is settled undelivered (invariant I5).
func (w *window) skip(e *eventlog.Event) {
	s := w.skips[e.Lane]
	if s.To == 0 || s.To != e.RoomPrev {
		s.From = e.RoomSeq
	}
	s.Lane, s.To, s.Seq = e.Lane, e.RoomSeq, e.Seq
	w.skips[e.Lane] = s
	w.unsaved.skip[e.Lane] = struct{}{}
}

// skipOn makes an event part of what its lane has to announce, if it follows on that. A lane that has nothing to announce
// does not begin with it.
func (w *window) skipOn(e *eventlog.Event) {
	if s := w.skips[e.Lane]; s.To != 0 && s.To == e.RoomPrev {
		w.skip(e)
	}
}

// announcement is what the lane's first event has to announce; false: nothing.
func (w *window) announcement(l *lane) (eventlog.Skip, bool) {
	if len(w.skips) == 0 {
		return eventlog.Skip{}, false
	}
	s := w.skips[l.name]
	return s, s.To != 0 && s.To == l.queue[0].RoomPrev
}

// told ends the lane's announcement: a callback that carried it was accepted, or failed for good.
func (w *window) told(l *lane) {
	if len(w.skips) == 0 || w.skips[l.name].To == 0 {
		return
	}
	w.skips[l.name] = eventlog.Skip{}
	w.unsaved.skip[l.name] = struct{}{}
}

// announced takes announcements that the store has. What the window knows itself is newer.
func (w *window) announced(list []eventlog.Skip) {
	for _, s := range list {
		if _, known := w.skips[s.Lane]; !known {
			w.skips[s.Lane] = s
		}
	}
}

// asks tells whether the store has to be asked for an announcement before the event is admitted: its lane had a callback
// before, and nothing is known of it here.
func (w *window) asks(e *eventlog.Event) bool {
	if !e.Callback || e.RoomPrev == 0 || w.lanes[e.Lane] != nil || w.cursor.Has(e.Seq) {
		return false
	}
	_, known := w.skips[e.Lane]
	return !known
}

// forgetStored forgets announcements that the store has now and that no lane in memory needs.
func (w *window) forgetStored() {
	for name := range w.skips {
		if _, unsaved := w.unsaved.skip[name]; !unsaved && w.lanes[name] == nil {
			delete(w.skips, name)
		}
	}
}
