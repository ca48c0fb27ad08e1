package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// run commits a group and answers its commands. When the store fails before COMMIT, nothing is stored, and a single
// bad command may be the reason: each runs again alone, once.
func (e *Engine) run(ctx context.Context, group []*request) {
	e.opt.Metrics.groupSize.Observe(float64(len(group)))
	err := e.commit(ctx, group)
	if err == nil {
		return
	}
	if len(group) == 1 {
		e.fail(group, err)
		return
	}
	e.opt.Log.Warn("a group failed before its commit; its commands run again one by one", "commands", len(group), "error", err)
	for i := range group {
		alone := group[i : i+1]
		if err := e.commit(ctx, alone); err != nil {
			e.fail(alone, err)
		}
	}
}

// fail answers commands of which nothing is stored.
func (e *Engine) fail(group []*request, err error) {
	e.opt.Log.Error("commands failed; nothing of them is stored", "commands", len(group), "error", err)
	e.opt.Metrics.failed.Add(float64(len(group)))
	for _, r := range group {
		r.answer(live.Outcome{}, live.Refuse(live.Unavailable, "the store is not available; nothing was done, try again"))
	}
}

// commit runs a group in one transaction. It answers the group unless it returns an error, after which nothing is
// stored. An unknown COMMIT is answered here and is no error to the caller: nothing may be run again.
func (e *Engine) commit(ctx context.Context, group []*request) error {
	tx, err := e.opt.Store.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	named := wants(group)
	loaded, err := tx.Load(ctx, named)
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	w := newWork(named, loaded, time.Now())
	results := make([]result, len(group))
	for i, r := range group {
		out, err := w.apply(r)
		if err != nil && !isRefusal(err) {
			return err
		}
		results[i] = result{out, err}
	}
	changes := w.changes()
	if len(changes) > 0 {
		start := time.Now()
		if err := tx.Commit(ctx, changes); errors.Is(err, ErrUnknown) {
			e.unknown(group, changes, err)
			return nil
		} else if err != nil {
			return fmt.Errorf("commit: %w", err)
		}
		e.opt.Metrics.commitTime.Observe(time.Since(start).Seconds())
	}
	e.publish(changes)
	for i, r := range group {
		r.answer(results[i].out, results[i].err)
	}
	return nil
}

func isRefusal(err error) bool {
	var refusal *live.Error
	return errors.As(err, &refusal)
}

// unknown answers a group whose changes may be stored, or not: settings are read again, and the readers of the events
// read the log, where a callback must not wait for the next event of its App.
func (e *Engine) unknown(group []*request, changes []Change, err error) {
	e.opt.Log.Error("the outcome of a commit is not known; its commands are answered so", "commands", len(group), "error", err)
	e.opt.Metrics.unknown.Add(float64(len(group)))
	for i := range changes {
		c := &changes[i]
		e.stale = e.stale || c.Settings != nil
		if len(c.Events) > 0 && e.opt.Reader != nil {
			e.opt.Reader.HandOver(c.App, nil)
		}
	}
	for _, r := range group {
		r.answer(live.Outcome{}, unknown())
	}
}

// publish makes committed settings and events known inside the process.
func (e *Engine) publish(changes []Change) {
	for i := range changes {
		c := &changes[i]
		if c.Settings != nil {
			e.apps.set(c.Settings)
			if e.opt.Reader != nil {
				e.opt.Reader.SettingsChanged(c.App)
			}
		}
		e.opt.Metrics.events.Add(float64(len(c.Events)))
		if len(c.Events) > 0 && e.opt.Reader != nil {
			e.opt.Reader.HandOver(c.App, c.Events)
		}
	}
}

// wants names what the group needs: one Want per App, in the order of the ids, each with its rooms sorted by bytes.
func wants(group []*request) []Want {
	byApp := map[live.AppID]map[live.RoomID]bool{}
	settings := map[live.AppID]bool{}
	for _, r := range group {
		if byApp[r.app] == nil {
			byApp[r.app] = map[live.RoomID]bool{}
		}
		switch c := r.cmd.(type) {
		case live.RoomCommand:
			_, creates := c.(live.CreateRoom)
			byApp[r.app][c.Target()] = byApp[r.app][c.Target()] || creates
		case live.AppCommand:
			settings[r.app] = true
		}
	}
	list := make([]Want, 0, len(byApp))
	for app, rooms := range byApp {
		w := Want{App: app, Settings: settings[app]}
		for id := range rooms {
			w.Rooms = append(w.Rooms, id)
		}
		slices.Sort(w.Rooms)
		for _, id := range w.Rooms {
			w.Create = append(w.Create, rooms[id])
		}
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b Want) int { return cmp.Compare(a.App, b.App) })
	return list
}

// work is the state of a group while its commands are applied, one after the other.
type work struct {
	now  time.Time
	apps map[live.AppID]*appWork
	list []*appWork // as loaded
}

type appWork struct {
	change Change
	app    *live.App
	rooms  map[live.RoomID]Room
	dirty  map[live.RoomID]bool
}

func newWork(wants []Want, loaded []Loaded, now time.Time) *work {
	w := &work{now: now, apps: make(map[live.AppID]*appWork, len(wants))}
	for i, want := range wants {
		a := &appWork{
			change: Change{App: want.App},
			app:    loaded[i].App,
			rooms:  make(map[live.RoomID]Room, len(want.Rooms)),
			dirty:  map[live.RoomID]bool{},
		}
		for j, id := range want.Rooms {
			a.rooms[id] = loaded[i].Rooms[j]
		}
		w.apps[want.App] = a
		w.list = append(w.list, a)
	}
	return w
}

// apply runs one command on the state that its neighbours left. An error that is no refusal is a fault of the server.
func (w *work) apply(r *request) (live.Outcome, error) {
	a := w.apps[r.app]
	if c, ok := r.cmd.(live.AppCommand); ok {
		return live.Outcome{}, a.applySettings(c, r.by, w.now)
	}
	if a.app == nil {
		return live.Outcome{}, live.Refuse(live.SDKAppIDUnknown, "there is no SDKAppID %d here", r.app)
	}
	return a.applyRoom(r.cmd.(live.RoomCommand), r.by, w.now)
}

func (a *appWork) applySettings(c live.AppCommand, by live.Actor, now time.Time) error {
	next, err := c.Apply(a.app)
	if err != nil {
		return err
	}
	if a.app == nil {
		a.change.NewLog = eventlog.NewLogID()
	}
	a.change.DiscardToHead = a.app != nil && a.app.Callback != nil && next.Callback == nil
	changed := live.ChangedSettings(a.app, next)
	if len(changed) > 0 {
		a.change.Audit = append(a.change.Audit, Audit{At: now, By: by, Command: c.Name(), Changed: changed})
	}
	a.app, a.change.Settings = next, next
	return nil
}

func (a *appWork) applyRoom(c live.RoomCommand, by live.Actor, now time.Time) (live.Outcome, error) {
	id := c.Target()
	room := a.rooms[id]
	out, err := c.Apply(room.Doc, by, now)
	if err != nil || len(out.Events) == 0 {
		return out, err
	}
	lane := room.Lane
	for i := range out.Events {
		e, next, err := a.event(&out.Events[i], by, lane, now)
		if err != nil {
			return live.Outcome{}, err
		}
		a.change.Events = append(a.change.Events, e)
		lane = next
	}
	a.rooms[id] = Room{Doc: out.Room, Lane: lane}
	a.dirty[id] = true
	return out, nil
}

// event makes the row of the log: the body is encoded here, once for every attempt to come.
func (a *appWork) event(ev *live.Event, by live.Actor, lane eventlog.LaneState, now time.Time) (eventlog.Event, eventlog.LaneState, error) {
	e := eventlog.Event{
		Lane:      eventlog.ControlLane(string(ev.Room)),
		RoomState: wire.RoomState(ev.Roles),
		Command:   wire.Command(ev.Change),
		Operator:  string(by.Account),
		ClientIP:  by.ClientIP,
		Platform:  by.Platform,
		Cause:     by.Cause,
	}
	e.Callback = a.app.Subscribed(e.Command)
	next := lane.Next(&e, now.UnixMilli())
	body, err := wire.Body(ev, by.Account, e.Time)
	if err != nil {
		return eventlog.Event{}, lane, fmt.Errorf("encode %s: %w", e.Command, err)
	}
	e.Body = body
	return e, next, nil
}

// changes returns what is to be written, in the order of the Apps' ids; none when every command was refused or
// changed nothing.
func (w *work) changes() []Change {
	var list []Change
	for _, a := range w.list {
		for id := range a.dirty {
			a.change.Rooms = append(a.change.Rooms, RoomChange{ID: id, Room: a.rooms[id]})
		}
		slices.SortFunc(a.change.Rooms, func(x, y RoomChange) int {
			if x.ID < y.ID {
				return -1
			}
			return 1
		})
		if a.change.Settings != nil || len(a.change.Rooms) > 0 {
			list = append(list, a.change)
		}
	}
	return list
}
