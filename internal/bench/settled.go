package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
)

// aged is a store into which events come as if they had been made before, for as long as it says.
type aged struct {
	engine.Store
	by time.Duration
}

// Begin implements [engine.Store].
func (s aged) Begin(ctx context.Context) (engine.Tx, error) {
	t, err := s.Store.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return agedTx{t, s.by}, nil
}

type agedTx struct {
	engine.Tx
	by time.Duration
}

// Commit implements [engine.Tx].
func (t agedTx) Commit(ctx context.Context, changes []engine.Change) error {
	by := t.by.Milliseconds()
	for i := range changes {
		for j := range changes[i].Events {
			changes[i].Events[j].Time -= by
		}
		for j := range changes[i].Rooms {
			changes[i].Rooms[j].Room.Lane.Time -= by
		}
	}
	return t.Tx.Commit(ctx, changes)
}

// settlePage is how many events are settled in one transaction.
var settlePage = delivery.Page{Events: 1000, Bytes: 16 << 20}

// settleFilled makes the readers of all Apps done with all that is in their logs, each callback by one attempt at that time.
func settleFilled(ctx context.Context, log delivery.Log, apps int, at time.Time) error {
	return each(apps, func(app int) error {
		id := delivery.ReaderID{App: appID(app), Name: delivery.CallbackReader}
		position, err := log.Open(ctx, id)
		if err != nil {
			return err
		}
		done := position.Cursor.Done()
		for {
			events, end, err := log.Read(ctx, id.App, done, settlePage)
			if err != nil || len(events) == 0 {
				return err
			}
			done = events[len(events)-1].Seq
			s := delivery.Settlement{Reader: id, Fence: position.Fence, Cursor: eventlog.NewCursor(done), Attempts: accepted(events, at)}
			fenced, err := log.Settle(ctx, []delivery.Settlement{s})
			if err != nil {
				return err
			}
			if len(fenced) > 0 {
				return fmt.Errorf("somebody else has the reader of App %d", app)
			}
			if end {
				return nil
			}
		}
	})
}

// accepted are the attempts of events whose callbacks were accepted at once.
func accepted(events []eventlog.Event, at time.Time) []eventlog.Attempt {
	var list []eventlog.Attempt
	for i := range events {
		if events[i].Callback {
			list = append(list, eventlog.Attempt{
				Seq: events[i].Seq, Number: 1, At: at, Duration: 900 * time.Microsecond, Status: 200,
				Durable: eventlog.Delivered, Cloud: eventlog.Delivered, Why: "status 200", Answer: okAnswer,
			})
		}
	}
	return list
}
