package server

import "sync"

// told remembers what was told last, so that a state that is asked about again and again is told of when it changes.
// The zero value has told nothing. It is safe for concurrent use.
type told struct {
	mu   sync.Mutex
	last string
}

// isNew notes a text, empty when there is nothing to tell, and reports whether it is to be told.
func (t *told) isNew(text string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	changed := text != t.last
	t.last = text
	return changed && text != ""
}
