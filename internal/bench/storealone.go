package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// storeSpec is the order of the store alone: durable commits of the same rooms and rows as the server writes, in groups
// of one size, through the same contract and into the same tables and indexes.
type storeSpec struct {
	Database string // its URL
	Rooms    int
	Group    int
	For      time.Duration
}

type storeResult struct {
	Rows    int
	Seconds float64
	// CommitP50 and CommitP99 are milliseconds of a whole group.
	CommitP50, CommitP99 float64
}

// storeAlone measures a database in which nothing is.
func (l *lab) storeAlone(ctx context.Context, h home, spec storeSpec) (storeResult, error) {
	spec.Database = h.url()
	var r storeResult
	err := l.child(ctx, h.folder, childStore, spec, &r)
	return r, err
}

// runStore is the child.
func runStore(ctx context.Context, order []byte, out *json.Encoder) error {
	var spec storeSpec
	if err := json.Unmarshal(order, &spec); err != nil {
		return err
	}
	db, _, err := openStore(ctx, spec.Database)
	if err != nil {
		return err
	}
	r, err := (&committing{store: db, spec: spec}).run(ctx)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	return out.Encode(r)
}

type committing struct {
	store engine.Store
	spec  storeSpec
	seq   int64
	next  int // room
	// lanes and admins are those of the rooms, by index.
	lanes  []eventlog.LaneState
	admins []bool
}

func (c *committing) run(ctx context.Context) (r storeResult, err error) {
	c.lanes, c.admins = make([]eventlog.LaneState, c.spec.Rooms), make([]bool, c.spec.Rooms)
	if err := c.create(ctx); err != nil {
		return r, fmt.Errorf("create the App: %w", err)
	}
	var times []float64
	start := time.Now()
	for time.Since(start) < c.spec.For && ctx.Err() == nil {
		begun := time.Now()
		n, err := c.group(ctx)
		if err != nil {
			return r, fmt.Errorf("commit a group: %w", err)
		}
		times = append(times, milliseconds(time.Since(begun)))
		r.Rows += n
	}
	r.Seconds = time.Since(start).Seconds()
	slices.Sort(times)
	r.CommitP50, r.CommitP99 = percentile(times, 50), percentile(times, 99)
	return r, ctx.Err()
}

func (c *committing) create(ctx context.Context) error {
	order := fillOrder{fillSpec: fillSpec{Apps: 1, Timeout: defaultTimeout}, URLs: []string{"http://127.0.0.1:9/callback"}}
	app := order.app(0)
	return c.commit(ctx, engine.Want{App: app.ID, Settings: true}, engine.Change{
		App: app.ID, Settings: &app, NewLog: eventlog.NewLogID(),
	})
}

func (c *committing) commit(ctx context.Context, want engine.Want, change engine.Change) error {
	tx, err := c.store.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.Load(ctx, []engine.Want{want}); err != nil {
		return err
	}
	return tx.Commit(ctx, []engine.Change{change})
}

// group changes the next rooms, one event each; it returns how many rows that are.
func (c *committing) group(ctx context.Context) (int, error) {
	now := time.Now()
	var rooms []engine.RoomChange
	var events []eventlog.Event
	for range min(c.spec.Group, c.spec.Rooms) {
		room, e := c.change(now)
		rooms, events = append(rooms, room), append(events, e)
	}
	slices.SortFunc(rooms, func(a, b engine.RoomChange) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	want := engine.Want{App: firstApp}
	for _, r := range rooms {
		want.Rooms, want.Create = append(want.Rooms, r.ID), append(want.Create, r.Room.Lane.Seq == 1)
	}
	return len(events), c.commit(ctx, want, engine.Change{App: firstApp, Rooms: rooms, Events: events})
}

func (c *committing) change(now time.Time) (engine.RoomChange, eventlog.Event) {
	i := c.next
	c.next = (c.next + 1) % c.spec.Rooms
	c.seq++
	t := toggle{account: accountName(silentAccount, c.seq), gone: c.admins[i]}
	c.admins[i] = !c.admins[i]
	name := roomName(i)
	e := t.event(name, &c.lanes[i], c.seq, now)
	doc := &live.Room{
		ID: live.RoomID(name), Name: name, Owner: "anchor", IsPublicVisible: true,
		MaxMemberCount: live.DefaultMaxMemberCount, CreateTime: now.Unix(),
	}
	if c.admins[i] {
		doc.Administrators = []live.Account{live.Account(t.account)}
	}
	return engine.RoomChange{ID: doc.ID, Room: engine.Room{Doc: doc, Lane: c.lanes[i]}}, *e
}
