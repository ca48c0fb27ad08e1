package delivery

import (
	"context"
	"fmt"
	"slices"

	"github.com/callboard/callboard/internal/live"
)

// Redeliver sends callbacks of an App again: a reader of its own does, in the order of their lanes and beside what is sent
// anyway, with a tenth of the slots of the reader whose callbacks they are and at most 2,000 a second. It is stored when Redeliver returns,
// goes on after a restart, and ends by itself.
func (d *Dispatcher) Redeliver(ctx context.Context, app live.AppID, r Redelivery) (ReaderID, error) {
	if r.From < 1 || r.To < r.From {
		return ReaderID{}, fmt.Errorf("%d to %d is no range of numbers; the first is 1", r.From, r.To)
	}
	if r.Of() != CallbackReader && !slices.Contains(d.standing(app), ReaderID{App: app, Name: r.Of()}) {
		return ReaderID{}, fmt.Errorf("%s is not that of an endpoint of the App %d: %w", r.Of(), app, ErrNoReader)
	}
	id, err := d.opt.Log.Redeliver(ctx, app, r)
	if err != nil {
		if id.Name != "" {
			d.wake(id, nil) // it may be stored all the same: nobody else would begin it, and the log is kept for it
		}
		return ReaderID{}, fmt.Errorf("store a redelivery: %w", err)
	}
	d.wake(id, nil)
	return id, nil
}
