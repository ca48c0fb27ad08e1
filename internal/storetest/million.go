package storetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
)

// The log of [Pages]: a million attempts of as many events. One in 10,000 was refused once, and one command is as rare.
const (
	millionRows  = 1_000_000
	millionRooms = 1_000
	rareOneIn    = 10_000
	millionDead  = 50_000
	fillTogether = 5_000
)

// Pages measures one page of what operators ask, on a store that is empty, whatever the filter is: the first page, and one
// that looks at as many rows as a page may and finds nothing.
func Pages(b *testing.B, s Store) {
	fillMillion(b, s)
	control := operate.NewControl(nil, nil, s, nil)
	begun := million(0).Time
	at := func(n int) time.Time { return time.UnixMilli(begun + int64(n)) }
	for _, c := range []struct {
		name   string
		filter operate.Filter
	}{
		{"none", operate.Filter{}},
		{"none, 1000 rows", operate.Filter{Limit: 1000}},
		{"upwards", operate.Filter{Ascending: true, Limit: 1000}},
		{"rare state", operate.Filter{State: operate.Retried}},
		{"state that none has", operate.Filter{State: operate.Failed, Lane: "", To: millionRows / 2}},
		{"rare command", operate.Filter{Command: createRoom}},
		{"command that none has", operate.Filter{Command: "never"}},
		{"lane", operate.Filter{Lane: "room-7", Limit: 1000}},
		{"lane and rare state", operate.Filter{Lane: "room-0", State: operate.Retried}},
		{"lane and command that none has", operate.Filter{Lane: "room-7", Command: "never"}},
		{"lane that there is not", operate.Filter{Lane: "never"}},
		{"time", operate.Filter{Since: at(millionRows / 3), Until: at(millionRows / 2), Limit: 1000}},
		{"time and state that none has", operate.Filter{Since: at(millionRows / 3), Until: at(millionRows / 2), State: operate.Failed}},
		{"range", operate.Filter{From: millionRows / 4, To: millionRows / 2, Limit: 1000}},
		{"reader that there is not", operate.Filter{Reader: "redelivery-9"}},
	} {
		b.Run("deliveries/"+c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := control.Deliveries(b.Context(), app1, c.filter); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, c := range []struct {
		name   string
		filter operate.Filter
	}{
		{"none, 1000 rows", operate.Filter{Limit: 1000}},
		{"1000 rows with bodies", operate.Filter{Limit: 1000, Body: true}},
		{"lane", operate.Filter{Lane: "room-7"}},
		{"command that none has", operate.Filter{Command: "never"}},
		{"time", operate.Filter{Since: at(millionDead / 3), Until: at(millionDead / 2)}},
	} {
		b.Run("dead/"+c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := control.Dead(b.Context(), app1, c.filter); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("trace", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Trace(b.Context(), callbackReader(app1), millionRows/2); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// million is an event of the log.
func million(i int) eventlog.Event {
	const begun = 1_750_000_000_000
	e := event(live.RoomID(fmt.Sprintf("room-%d", i%millionRooms)), true, "")
	e.Time, e.RoomSeq, e.Body = begun+int64(i), int64(i/millionRooms+1), bytes.Repeat([]byte("x"), 300)
	if i%rareOneIn == 1 {
		e.Command = createRoom
	}
	return e
}

func fillMillion(b *testing.B, s Store) {
	b.Helper()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	must(commit(s, []engine.Change{{App: app1, Settings: &live.App{ID: app1, Key: "key"}, NewLog: logOf(app1)}}))
	id := callbackReader(app1)
	p, err := s.Open(ctx(), id)
	must(err)
	for from := 0; from < millionRows; from += fillTogether {
		ch := engine.Change{App: app1}
		set := delivery.Settlement{Reader: id, Fence: p.Fence, Cursor: eventlog.NewCursor(int64(from + fillTogether))}
		for i := from; i < from+fillTogether; i++ {
			a := eventlog.Attempt{
				Seq: int64(i + 1), Number: 1, At: time.UnixMilli(million(i).Time), Duration: time.Millisecond, Status: 200,
				Durable: eventlog.Delivered, Cloud: eventlog.Delivered, Counted: eventlog.Delivered, Why: "status 200",
			}
			if i%rareOneIn == 0 {
				a.Status, a.Durable, a.Counted = 500, eventlog.Retry, eventlog.Retry
			}
			ch.Events, set.Attempts = append(ch.Events, million(i)), append(set.Attempts, a)
			if i < millionDead {
				set.Dead = append(set.Dead, eventlog.Dead{Seq: a.Seq, At: a.At, Why: "status 500", Attempts: 3})
			}
		}
		must(commit(s, []engine.Change{ch}))
		_, err := s.Settle(ctx(), []delivery.Settlement{set})
		must(err)
	}
}
