package engine

import (
	"context"
	"fmt"

	"github.com/callboard/callboard/internal/live"
)

// begin starts the transaction of a group and loads what its commands name. Whether rooms have to be counted is up to the
// settings, which are known for certain in the transaction only: where the store has a higher quota than this process knew,
// because another one has set it, it begins again.
func (e *Engine) begin(ctx context.Context, group []*request) (Tx, []Want, []Loaded, error) {
	quotas := e.quotas(group)
	for {
		tx, err := e.opt.Store.Begin(ctx)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("begin: %w", err)
		}
		named := wants(group, quotas)
		loaded, err := tx.Load(ctx, named)
		if err != nil {
			tx.Rollback()
			return nil, nil, nil, fmt.Errorf("load: %w", err)
		}
		if !raise(quotas, named, loaded) {
			return tx, named, loaded, nil
		}
		tx.Rollback()
	}
}

// quotas are the rooms that the Apps of a group may have, as far as this process knows, or will have made it so in this group.
func (e *Engine) quotas(group []*request) map[live.AppID]int64 {
	quotas := map[live.AppID]int64{}
	for _, r := range group {
		if app := e.apps.get(r.app); app != nil {
			quotas[r.app] = max(quotas[r.app], app.MaxRooms)
		}
		if c, ok := r.cmd.(live.ConfigureApp); ok {
			quotas[r.app] = max(quotas[r.app], c.App.MaxRooms)
		}
	}
	return quotas
}

// raise takes higher quotas over from what was loaded, and tells whether there were any.
func raise(quotas map[live.AppID]int64, named []Want, loaded []Loaded) bool {
	higher := false
	for i := range named {
		if app := loaded[i].App; app != nil && app.MaxRooms > quotas[named[i].App] {
			quotas[named[i].App], higher = app.MaxRooms, true
		}
	}
	return higher
}
