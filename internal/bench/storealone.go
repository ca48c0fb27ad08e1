package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// storeSpec is the order of the store alone: durable commits of the same rooms and rows as the server writes, in groups
// of one size, through the same contract and into the same tables and indexes.
type storeSpec struct {
	Database string // its URL
	// Apps and Committers: each App has that many who commit one group after the other, all at the same time. 0: 1.
	Apps, Committers int
	// Rooms are those of each committer, which nobody else changes; all are there before it is measured.
	Rooms int
	Group int
	For   time.Duration
}

type storeResult struct {
	Rows    int
	Groups  int
	Seconds float64
	// CommitP50 and CommitP99 are milliseconds of a whole group.
	CommitP50, CommitP99 float64
}

// storeAlone measures a database in which nothing is. begun is called when all is made and the measurement begins; nil: nobody
// asks.
func (l *lab) storeAlone(ctx context.Context, h home, spec storeSpec, begun func() error) (r storeResult, err error) {
	spec.Database = h.url()
	p, err := l.spawn(ctx, h.folder, childStore, childCommand, childStore)
	if err != nil {
		return r, err
	}
	defer p.stop()
	if err := p.ask(spec); err != nil {
		return r, err
	}
	if err := p.answer(&storeBegun{}); err != nil {
		return r, err
	}
	if begun != nil {
		if err := begun(); err != nil {
			return r, err
		}
	}
	err = p.answer(&r)
	return r, err
}

// storeBegun is the first answer.
type storeBegun struct{}

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
	r, err := commitAll(ctx, db, spec, func() error { return out.Encode(storeBegun{}) })
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	return out.Encode(r)
}

// commitAll has all committers make their rooms, and then measures them together.
func commitAll(ctx context.Context, db engine.Store, spec storeSpec, begun func() error) (r storeResult, err error) {
	var all []*committing
	for app := range max(spec.Apps, 1) {
		for i := range max(spec.Committers, 1) {
			c := &committing{store: db, spec: spec, app: appID(app), first: i * spec.Rooms}
			if err := c.prepare(ctx, i == 0); err != nil {
				return r, err
			}
			all = append(all, c)
		}
	}
	if err := begun(); err != nil {
		return r, err
	}
	var running sync.WaitGroup
	failed := make([]error, len(all))
	start := time.Now()
	for i, c := range all {
		running.Go(func() { failed[i] = c.run(ctx, start.Add(spec.For)) })
	}
	running.Wait()
	r.Seconds = time.Since(start).Seconds()
	var times []float64
	for _, c := range all {
		r.Rows += c.rows
		times = append(times, c.times...)
	}
	r.Groups = len(times)
	slices.Sort(times)
	r.CommitP50, r.CommitP99 = percentile(times, 50), percentile(times, 99)
	return r, errors.Join(errors.Join(failed...), ctx.Err())
}

// committing is one committer.
type committing struct {
	store engine.Store
	spec  storeSpec
	app   live.AppID
	first int // index of its first room
	seq   int64
	next  int // room
	// lanes and admins are those of the rooms, by index above first.
	lanes  []eventlog.LaneState
	admins []bool

	rows  int
	times []float64 // milliseconds of each group
}

// prepare makes the rooms, and the App when it is new.
func (c *committing) prepare(ctx context.Context, isNew bool) error {
	c.lanes, c.admins = make([]eventlog.LaneState, c.spec.Rooms), make([]bool, c.spec.Rooms)
	if isNew {
		if err := c.create(ctx); err != nil {
			return fmt.Errorf("create an App: %w", err)
		}
	}
	for made := 0; made < c.spec.Rooms; {
		n, err := c.group(ctx, min(preparing, c.spec.Rooms-made))
		if err != nil {
			return fmt.Errorf("create rooms: %w", err)
		}
		made += n
	}
	return nil
}

// preparing is how many rooms are made together.
const preparing = 64

func (c *committing) run(ctx context.Context, until time.Time) error {
	for time.Now().Before(until) && ctx.Err() == nil {
		begun := time.Now()
		n, err := c.group(ctx, min(c.spec.Group, c.spec.Rooms))
		if err != nil {
			return fmt.Errorf("commit a group: %w", err)
		}
		c.times = append(c.times, milliseconds(time.Since(begun)))
		c.rows += n
	}
	return nil
}

func (c *committing) create(ctx context.Context) error {
	order := fillOrder{fillSpec: fillSpec{Apps: 1, Timeout: defaultTimeout}, URLs: []string{"http://127.0.0.1:9/callback"}}
	app := order.app(int(c.app) - firstApp)
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
func (c *committing) group(ctx context.Context, n int) (int, error) {
	now := time.Now()
	var rooms []engine.RoomChange
	var events []eventlog.Event
	for range n {
		room, e := c.change(now)
		rooms, events = append(rooms, room), append(events, e)
	}
	slices.SortFunc(rooms, func(a, b engine.RoomChange) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	want := engine.Want{App: c.app}
	for _, r := range rooms {
		want.Rooms, want.Create = append(want.Rooms, r.ID), append(want.Create, r.Room.Lane.Seq == 1)
	}
	return len(events), c.commit(ctx, want, engine.Change{App: c.app, Rooms: rooms, Events: events})
}

func (c *committing) change(now time.Time) (engine.RoomChange, eventlog.Event) {
	i := c.next
	c.next = (c.next + 1) % c.spec.Rooms
	c.seq++
	t := toggle{account: accountName(silentAccount, c.seq), gone: c.admins[i]}
	c.admins[i] = !c.admins[i]
	name := roomName(c.first + i)
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
