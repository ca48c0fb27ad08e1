package sqlite

import (
	"errors"
	"fmt"
	"sync"
)

// ErrAway is returned while the file is being opened anew after a COMMIT of unknown outcome.
var ErrAway = errors.New("the database is away; it is opened anew each second")

var errClosed = errors.New("closed")

// health is what is known about the file.
type health struct {
	mu   sync.Mutex
	away error // why no connection may be used; nil while they may
	// failing is why the last write did not work; nil when it did. Others may go on trying.
	failing error
}

// usable returns nil when the connections may be used.
func (h *health) usable() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wrapAway()
}

// ready returns nil when the connections may be used and the last write worked.
func (h *health) ready() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failing != nil && h.away == nil {
		return fmt.Errorf("the database cannot be written, which is tried again each second: %w", h.failing)
	}
	return h.wrapAway()
}

func (h *health) wrapAway() error {
	if h.away == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrAway, h.away)
}

func (h *health) setAway(why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.away = why
}

// setOpen is called when the connections are new and have been written with.
func (h *health) setOpen() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.away, h.failing = nil, nil
}

// wrote notes the end of a write, err is nil if it worked. It tells whether that is news.
func (h *health) wrote(err error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	news := (h.failing == nil) != (err == nil)
	h.failing = err
	return news
}
