package storetest

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

const (
	app1 live.AppID = 1400000001
	app2 live.AppID = 1400000002
)

// largest is the largest SDKAppID: it must not become a negative number on its way.
const largest live.AppID = 1<<32 - 1

const modifyAdmin = "Live.CallbackAfterModifyAdmin"

func ctx() context.Context { return context.Background() }

// newApps creates Apps, each with a log that is named after it.
func (t *suite) newApps(ids ...live.AppID) {
	t.Helper()
	slices.Sort(ids)
	var changes []engine.Change
	for _, id := range ids {
		changes = append(changes, engine.Change{App: id, Settings: &live.App{ID: id, Key: "key"}, NewLog: logOf(id)})
	}
	t.must(commit(t.s, changes))
}

func logOf(id live.AppID) string { return fmt.Sprintf("log%05d", uint32(id)%100000) }

// commit is a transaction as the engine makes one: Load what changes, then Commit.
func commit(s Store, changes []engine.Change) error {
	tx, err := s.Begin(ctx())
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var wants []engine.Want
	for i := range changes {
		wants = append(wants, wantOf(&changes[i]))
	}
	if _, err := tx.Load(ctx(), wants); err != nil {
		return err
	}
	return tx.Commit(ctx(), changes)
}

// event is one of a room's control lane; the callback's body names it.
func event(id live.RoomID, callback bool, body string) eventlog.Event {
	return eventlog.Event{Lane: eventlog.ControlLane(string(id)), Command: modifyAdmin, Callback: callback, Body: []byte(body)}
}

func room(id live.RoomID) *live.Room {
	return &live.Room{ID: id, Name: string(id), Owner: "owner", IsPublicVisible: true, CreateTime: 1_700_000_000}
}

// write changes a room in one commit: one event for each entry, which tells whether it is a callback event. It returns
// the events with their numbers.
func (t *suite) write(id live.AppID, r live.RoomID, callbacks ...bool) []eventlog.Event {
	t.Helper()
	events, err := write(t.s, id, r, false, callbacks...)
	t.must(err)
	return events
}

// destroy ends a room with one callback event.
func (t *suite) destroy(id live.AppID, r live.RoomID) eventlog.Event {
	t.Helper()
	events, err := write(t.s, id, r, true, true)
	t.must(err)
	return events[0]
}

func write(s Store, id live.AppID, r live.RoomID, gone bool, callbacks ...bool) ([]eventlog.Event, error) {
	tx, err := s.Begin(ctx())
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	loaded, err := tx.Load(ctx(), []engine.Want{{App: id, Rooms: []live.RoomID{r}, Create: []bool{true}}})
	if err != nil {
		return nil, err
	}
	lane := loaded[0].Rooms[0].Lane
	ch := engine.Change{App: id}
	for i, callback := range callbacks {
		e := event(r, callback, fmt.Sprintf("%s %d", r, i))
		lane = lane.Next(&e, 1_000)
		ch.Events = append(ch.Events, e)
	}
	next := engine.Room{Lane: lane}
	if !gone {
		next.Doc = room(r)
	}
	ch.Rooms = []engine.RoomChange{{ID: r, Room: next}}
	changes := []engine.Change{ch}
	if err := tx.Commit(ctx(), changes); err != nil {
		return nil, err
	}
	return changes[0].Events, nil
}

// load reads one App and rooms of it inside a transaction that is rolled back.
func (t *suite) load(id live.AppID, rooms ...live.RoomID) engine.Loaded {
	t.Helper()
	tx, err := t.s.Begin(ctx())
	t.must(err)
	defer tx.Rollback()
	loaded, err := tx.Load(ctx(), []engine.Want{{App: id, Rooms: rooms, Create: make([]bool, len(rooms))}})
	t.must(err)
	return loaded[0]
}

// log reads the whole log of an App.
func (t *suite) log(id live.AppID) []eventlog.Event {
	t.Helper()
	var all []eventlog.Event
	for {
		var after int64
		if len(all) > 0 {
			after = all[len(all)-1].Seq
		}
		page, _, err := t.s.Read(ctx(), id, after, delivery.Page{Events: 1000, Bytes: 1 << 24})
		t.must(err)
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
	}
}

func seqs(events []eventlog.Event) []int64 {
	var list []int64
	for i := range events {
		list = append(list, events[i].Seq)
	}
	return list
}

// fill sets every exported field below v to a value that is not zero and differs from its neighbours, so that a field
// which a store forgets is found, also one that comes later.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d <&> \u2028 \U0001F3AD '\"\\", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(1)<<40 + int64(*n))
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(uint64(*n))
	default:
		panic("storetest: fill does not know " + v.Kind().String())
	}
}
