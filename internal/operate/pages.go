package operate

import (
	"context"
	"encoding/json"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// DeliveryPage is a page of the delivery log.
type DeliveryPage struct {
	Log        string
	Deliveries []DeliveryRow
	// Next goes on from here; empty: this was the last page. Looked is how many rows were looked at: a page may be short, or
	// empty, because no more may be at one time.
	Next   string
	Looked int
}

// DeliveryRow is one attempt.
type DeliveryRow struct {
	Reader  string
	Event   string
	Seq     int64
	Lane    string
	Command string
	// Number is 1 for the first attempt of an event.
	Number int
	// Time is when it began, and Duration how long it took, both in milliseconds.
	Time     int64
	Duration float64
	// Status is 0 when there was no answer.
	Status int
	// Counted is what it counted as when it was made: delivered, retry, failed or given up. Durable and Cloud are the verdicts
	// of both profiles.
	Counted        string
	Durable, Cloud string
	Reason         string
	// Answer is the start of the answer's body.
	Answer string
}

// Deliveries returns attempts, those of the largest numbers first unless Ascending.
func (c *Control) Deliveries(ctx context.Context, app live.AppID, f Filter) (DeliveryPage, error) {
	s, err := c.search(f)
	if err == nil && f.Next == "" && !s.Until.IsZero() {
		err = c.endAt(ctx, app, &s)
	}
	if err != nil {
		return DeliveryPage{}, err
	}
	var found Page[Delivery]
	extent, err := c.page(ctx, app, &s, func() (err error) {
		found, err = c.query.Attempts(ctx, app, s)
		return err
	})
	if err != nil {
		return DeliveryPage{}, err
	}
	page := DeliveryPage{Log: extent.Log, Deliveries: []DeliveryRow{}, Looked: found.Looked}
	if found.More {
		page.Next = s.next(found.Next)
	}
	for i := range found.Rows {
		d := &found.Rows[i]
		page.Deliveries = append(page.Deliveries, deliveryRow(app, extent.Log, s.Reader, d))
	}
	return page, nil
}

// page asks for what a log has and for a page of it, which is not asked for when the range is empty.
func (c *Control) page(ctx context.Context, app live.AppID, s *Search, query func() error) (e Extent, err error) {
	err = c.ask(ctx, func() (err error) {
		if e, err = c.query.Extent(ctx, app); err != nil || s.To < s.From {
			return err
		}
		return query()
	})
	return e, err
}

func deliveryRow(app live.AppID, log, reader string, d *Delivery) DeliveryRow {
	return DeliveryRow{
		Reader: reader, Event: wire.EventID(app, log, d.Seq), Seq: d.Seq, Lane: string(d.Lane), Command: d.Command,
		Number: d.Number, Time: d.At.UnixMilli(), Duration: float64(d.Duration.Microseconds()) / 1000, Status: d.Status,
		Counted: d.Counted.String(), Durable: d.Durable.String(), Cloud: d.Cloud.String(), Reason: string(d.Why), Answer: d.Answer,
	}
}

// DeadPage is a page of dead letters; Next and Looked are as in [DeliveryPage].
type DeadPage struct {
	Log    string
	Dead   []DeadRow
	Next   string
	Looked int
}

// DeadRow is one dead letter.
type DeadRow struct {
	Reader  string
	Event   string
	Seq     int64
	Lane    string
	RoomSeq int64
	Command string
	// Time is that of the change, and GivenUp when it was given up, both in milliseconds.
	Time, GivenUp int64
	Attempts      int
	Reason        string
	// Body has the exact bytes of the callback; left out unless it was asked for.
	Body json.RawMessage `json:",omitempty"`
}

// Dead returns dead letters, those of the largest numbers first unless Ascending.
func (c *Control) Dead(ctx context.Context, app live.AppID, f Filter) (DeadPage, error) {
	if f.State != "" {
		return DeadPage{}, badRequest("state is one of attempts; a dead letter has none")
	}
	s, err := c.search(f)
	if err != nil {
		return DeadPage{}, err
	}
	s.Look = lookLog
	var found Page[Letter]
	extent, err := c.page(ctx, app, &s, func() (err error) {
		found, err = c.query.Letters(ctx, app, s)
		return err
	})
	if err != nil {
		return DeadPage{}, err
	}
	page := DeadPage{Log: extent.Log, Dead: []DeadRow{}, Looked: found.Looked}
	if found.More {
		page.Next = s.next(found.Next)
	}
	for i := range found.Rows {
		page.Dead = append(page.Dead, deadRow(app, extent.Log, s.Reader, &found.Rows[i]))
	}
	return page, nil
}

func deadRow(app live.AppID, log, reader string, l *Letter) DeadRow {
	return DeadRow{
		Reader: reader, Event: wire.EventID(app, log, l.Seq), Seq: l.Seq, Lane: string(l.Event.Lane), RoomSeq: l.Event.RoomSeq,
		Command: l.Event.Command, Time: l.Event.Time, GivenUp: l.At.UnixMilli(), Attempts: l.Attempts, Reason: string(l.Why),
		Body: bodyOf(&l.Event),
	}
}

func bodyOf(e *eventlog.Event) json.RawMessage {
	if len(e.Body) == 0 {
		return nil
	}
	return e.Body
}
