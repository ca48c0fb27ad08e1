package sqlite

import (
	"fmt"
	"testing"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

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
