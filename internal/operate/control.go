package operate

import (
	"context"
	"log/slog"
	"time"

	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Apps knows the settings of Apps, and changes them.
type Apps interface {
	// App returns nil when there is no such App.
	App(id live.AppID) *live.App
	// Do changes the settings of an App.
	Do(ctx context.Context, app live.AppID, by live.Actor, cmd live.Command) (live.Outcome, error)
}

// Deliverer is what can be done about delivery; *delivery.Dispatcher is one.
type Deliverer interface {
	Redeliver(ctx context.Context, app live.AppID, r delivery.Redelivery) (delivery.ReaderID, error)
	Pause(ctx context.Context, id delivery.ReaderID, why eventlog.Reason) error
	Resume(ctx context.Context, id delivery.ReaderID) error
	Cancel(ctx context.Context, id delivery.ReaderID) error
	Look(ctx context.Context, id delivery.ReaderID, lane eventlog.Lane, seq int64) (delivery.Glimpse, error)
}

// Control is what operators ask and do.
type Control struct {
	apps     Apps
	delivery Deliverer
	query    Query
	log      *slog.Logger
	now      func() time.Time
	turns    *call.Turns
}

// standardTurns bounds the queries of the store at one time unless somebody says otherwise.
const standardTurns = 2

// NewControl returns the operations of a server.
func NewControl(apps Apps, deliverer Deliverer, query Query, log *slog.Logger) *Control {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Control{apps: apps, delivery: deliverer, query: query, log: log, now: time.Now, turns: call.NewTurns(standardTurns)}
}

// ask runs a query of the store when it is its turn.
func (c *Control) ask(ctx context.Context, query func() error) error {
	return c.turns.Do(ctx, query)
}

// extent is that of an App's log.
func (c *Control) extent(ctx context.Context, app live.AppID) (e Extent, err error) {
	err = c.ask(ctx, func() (err error) {
		e, err = c.query.Extent(ctx, app)
		return err
	})
	return e, err
}
