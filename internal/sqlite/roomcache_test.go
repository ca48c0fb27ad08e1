package sqlite

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func TestRoomInMemoryIsThatOfTheFile(t *testing.T) {
	db := openTemp(t)
	createApp(t, db, 1)
	createApp(t, db, 2)
	seq := int64(0)
	change := func(app live.AppID, doc *live.Room) engine.Change {
		seq++
		return engine.Change{
			App:    app,
			Rooms:  []engine.RoomChange{{ID: "r", Room: engine.Room{Doc: doc, Lane: eventlog.LaneState{Seq: seq, Callback: seq, Time: 7}}}},
			Events: []eventlog.Event{{Lane: "r", RoomSeq: seq, RoomPrev: seq - 1, Time: 7, Command: "c", Callback: true, Body: []byte("{}")}},
		}
	}
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"made", func() { commit(t, db, change(1, &live.Room{ID: "r", Name: "one", IsPublicVisible: true})) }},
		{"made in another App", func() { commit(t, db, change(2, &live.Room{ID: "r", Name: "two"})) }},
		{"changed", func() { commit(t, db, change(1, &live.Room{ID: "r", Name: "three", IsPublicVisible: true})) }},
		{"hidden", func() { commit(t, db, change(1, &live.Room{ID: "r", Name: "three"})) }},
		{"rolled back", func() { rollBack(t, db, change(1, &live.Room{ID: "r", Name: "never"})) }},
		{"not known", func() { db.fail(errClosed); db.reopen() }},
		{"gone", func() { commit(t, db, change(1, nil)) }},
		{"made again", func() { commit(t, db, change(1, &live.Room{ID: "r", Name: "four"})) }},
	} {
		step.do()
		for _, app := range []live.AppID{1, 2} {
			got, again := loadTwice(t, db, app)
			want := roomOfFile(t, db, app)
			if diff := cmp.Diff([]engine.Room{want, want}, []engine.Room{got, again}); diff != "" {
				t.Errorf("%s, App %d (-want +got):\n%s", step.name, app, diff)
			}
		}
	}
}

// rollBack writes a change and has the next one of the same transaction refused: that App is there already.
func rollBack(t *testing.T, db *DB, ch engine.Change) {
	t.Helper()
	refused := engine.Change{App: 2, Settings: &live.App{ID: 2}, NewLog: "abcdefgh"}
	if err := tryCommit(t, db, ch, refused); err == nil {
		t.Fatal("an App was made twice")
	}
}

func loadTwice(t *testing.T, db *DB, app live.AppID) (first, second engine.Room) {
	t.Helper()
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	want := []engine.Want{{App: app, Rooms: []live.RoomID{"r"}, Create: []bool{false}}}
	for _, room := range []*engine.Room{&first, &second} {
		loaded, err := tx.Load(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		*room = loaded[0].Rooms[0]
	}
	return first, second
}

// roomOfFile reads past what is in memory.
func roomOfFile(t *testing.T, db *DB, app live.AppID) (room engine.Room) {
	t.Helper()
	err := db.read(t.Context(), func(c *conn) (err error) {
		room, err = loadRoom(c, app, "r")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return room
}
