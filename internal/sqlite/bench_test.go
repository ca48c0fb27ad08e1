package sqlite

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// BenchmarkSettle is what the hot path stores: a cursor with ranges beyond it and 64 attempts.
func BenchmarkSettle(b *testing.B) {
	db := openTemp(b)
	createApp(b, db, 1)
	id := delivery.ReaderID{App: 1, Name: delivery.CallbackReader}
	p, err := db.Open(b.Context(), id)
	if err != nil {
		b.Fatal(err)
	}
	attempts := make([]eventlog.Attempt, 64)
	seq := int64(0)
	for b.Loop() {
		for i := range attempts {
			seq++
			attempts[i] = eventlog.Attempt{
				Seq: seq, Number: 1, At: time.UnixMilli(seq), Duration: time.Millisecond, Status: 200,
				Durable: eventlog.Delivered, Cloud: eventlog.Delivered,
			}
		}
		cursor := eventlog.NewCursor(seq - 3)
		cursor.Mark(seq)
		s := delivery.Settlement{
			Reader: id, Fence: p.Fence, Cursor: cursor, Attempts: attempts,
			Hold: []eventlog.Held{{Lane: "a", Next: seq, Attempts: 1, Why: "500"}}, Release: []eventlog.Lane{"b"},
		}
		if _, err := db.Settle(b.Context(), []delivery.Settlement{s}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkForget removes 500 events of 1 KiB with an attempt each, out of a log that stays.
func BenchmarkForget(b *testing.B) {
	const step = 500
	db := openTemp(b)
	createApp(b, db, 1)
	id := delivery.ReaderID{App: 1, Name: delivery.CallbackReader}
	head := int64(0)
	grow := func(n int) {
		body := bytes.Repeat([]byte("x"), 1<<10)
		for range n {
			ch, s := engine.Change{App: 1}, delivery.Settlement{Reader: id}
			for i := range step {
				head++
				ch.Events = append(ch.Events, eventlog.Event{Lane: eventlog.Lane(fmt.Sprintf("room%d", i%100)), RoomSeq: head, Command: "c", Callback: true, Body: body})
				s.Attempts = append(s.Attempts, eventlog.Attempt{Seq: head, Number: 1, Status: 200})
			}
			commit(b, db, ch)
			s.Cursor = eventlog.NewCursor(head)
			if _, err := db.Settle(b.Context(), []delivery.Settlement{s}); err != nil {
				b.Fatal(err)
			}
		}
	}
	grow(20)
	for b.Loop() {
		b.StopTimer()
		grow(1)
		b.StartTimer()
		n, err := db.Forget(b.Context(), 1, 1<<40, step)
		if n != step || err != nil {
			b.Fatalf("%d events were forgotten, error %v, want %d", n, err, step)
		}
	}
}

// BenchmarkAtRest looks for something to do in 10,000 Apps that have nothing: all is settled and young.
func BenchmarkAtRest(b *testing.B) {
	const count = 10_000
	db := openTemp(b)
	var changes []engine.Change
	var list []delivery.Settlement
	for id := range live.AppID(count) {
		ch := engine.Change{App: id + 1, Settings: &live.App{ID: id + 1, Key: "key"}, NewLog: "abcdefgh"}
		for range 10 {
			ch.Events = append(ch.Events, eventlog.Event{Lane: "r", Command: "c", Callback: true, Time: 1000, Body: bytes.Repeat([]byte("x"), 300)})
		}
		changes = append(changes, ch)
		list = append(list, delivery.Settlement{
			Reader: delivery.ReaderID{App: id + 1, Name: delivery.CallbackReader}, Cursor: eventlog.NewCursor(10), Dead: []eventlog.Dead{{Seq: 1, At: time.UnixMilli(5)}},
		})
	}
	commit(b, db, changes...)
	if _, err := db.Settle(b.Context(), list); err != nil {
		b.Fatal(err)
	}
	none := fmt.Errorf("something to do")
	for name, scan := range map[string]func() error{
		"Pending":  func() error { return db.Pending(b.Context(), func(delivery.ReaderID) error { return none }) },
		"Backlogs": func() error { return db.Backlogs(b.Context(), func(delivery.Backlog) error { return none }) },
		"Aged": func() error {
			return db.Aged(b.Context(), time.UnixMilli(1000), func(live.AppID, int64) error { return none })
		},
		"ForgetDead": func() error {
			aged, beyond, err := db.ForgetDead(b.Context(), time.UnixMilli(5), 1, 500)
			if aged+beyond > 0 {
				return none
			}
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := scan(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCommit commits groups of 64 changes of as many rooms, durably, each with its event; figures are per group.
func BenchmarkCommit(b *testing.B) {
	const group, rooms = 64, 1024
	db := openTemp(b)
	createApp(b, db, 1)
	want := engine.Want{App: 1, Rooms: make([]live.RoomID, group), Create: make([]bool, group)}
	ch := engine.Change{App: 1, Rooms: make([]engine.RoomChange, group), Events: make([]eventlog.Event, group)}
	body := make([]byte, 200)
	b.ReportAllocs()
	for n := 0; b.Loop(); n += group {
		for i := range group {
			id := live.RoomID(fmt.Sprintf("room-%04d", (n+i)%rooms))
			seq := int64(n/rooms + 1)
			want.Rooms[i] = id
			ch.Rooms[i] = engine.RoomChange{ID: id, Room: engine.Room{
				Doc:  &live.Room{ID: id, Name: string(id), Owner: "anchor", IsPublicVisible: true, CreateTime: 1},
				Lane: eventlog.LaneState{Seq: seq, Callback: seq, Time: seq},
			}}
			ch.Events[i] = eventlog.Event{
				Lane: eventlog.ControlLane(string(id)), RoomSeq: seq, RoomPrev: seq - 1, RoomState: "0123456789abcdef",
				Command: "Live.CallbackAfterModifyAdmin", Callback: true, Time: seq, Operator: "administrator", Body: body,
			}
		}
		tx, err := db.Begin(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tx.Load(b.Context(), []engine.Want{want}); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(b.Context(), []engine.Change{ch}); err != nil {
			b.Fatal(err)
		}
	}
}
