package engine

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/callboard/callboard/internal/live"
)

// directory holds the settings of all Apps as last committed, for the edges and for delivery, which read them at
// every call and every attempt. The values are shared and never modified.
type directory struct {
	mu   sync.RWMutex
	apps map[live.AppID]*live.App
}

func newDirectory() *directory { return &directory{apps: map[live.AppID]*live.App{}} }

func (d *directory) get(id live.AppID) *live.App {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.apps[id]
}

func (d *directory) set(app *live.App) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.apps[app.ID] = app
}

func (d *directory) len() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.apps)
}

func (d *directory) all() []*live.App {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.SortedFunc(maps.Values(d.apps), func(a, b *live.App) int { return cmp.Compare(a.ID, b.ID) })
}
