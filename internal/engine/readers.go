package engine

import (
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Readers are several that are handed everything, one after the other; they share the events. None of them blocks, so none waits
// for another.
type Readers []Reader

// HandOver implements [Reader].
func (list Readers) HandOver(app live.AppID, events []eventlog.Event) {
	for _, r := range list {
		r.HandOver(app, events)
	}
}

// SettingsChanged implements [Reader].
func (list Readers) SettingsChanged(app live.AppID) {
	for _, r := range list {
		r.SettingsChanged(app)
	}
}
