package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// fillSpec says what is in a database before a measurement.
type fillSpec struct {
	Apps int
	// Rooms and Callbacks are of each App; the callbacks wait, spread evenly over the rooms.
	Rooms     int
	Callbacks int
	// Spread gives each App a backend of its own, as far as the receiver has addresses.
	Spread bool
	// Timeout of an attempt; 0: as configured by default.
	Timeout time.Duration
	// Settled is how long ago the callbacks were made and delivered; 0: they wait.
	Settled time.Duration
	// All switches on the callbacks of every command; else those of administrators alone.
	All bool
}

// fillOrder is what the child is told.
type fillOrder struct {
	fillSpec
	Database string   // its URL
	URLs     []string // of the Apps' backends, in turn
}

type fillResult struct{ Callbacks int64 }

const (
	defaultTimeout = 5 * time.Second
	giveUpAfter    = 24 * time.Hour
	// fillers is how many commands are run at one time; groups of commits are that large at most.
	fillers = 512
)

// fill writes a database through the engine, in a process of its own, while no server runs.
func (l *lab) fill(ctx context.Context, h home, spec fillSpec) error {
	if spec.Timeout == 0 {
		spec.Timeout = defaultTimeout
	}
	order := fillOrder{fillSpec: spec, Database: h.url(), URLs: []string{l.receiver.url(0)}}
	if spec.Spread {
		for i := 1; i < min(spec.Apps, len(l.receiver.fronts)); i++ {
			order.URLs = append(order.URLs, l.receiver.url(i))
		}
	}
	var done fillResult
	if err := l.child(ctx, h.folder, childFill, order, &done); err != nil {
		return fmt.Errorf("fill the database: %w", err)
	}
	if want := int64(spec.Apps) * int64(spec.Callbacks); done.Callbacks != want {
		return fmt.Errorf("fill the database: it has %d callbacks, want %d", done.Callbacks, want)
	}
	return nil
}

// child runs a child that answers once.
func (l *lab) child(ctx context.Context, folder, kind string, order, answer any) error {
	p, err := l.spawn(ctx, folder, kind, childCommand, kind)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := p.ask(order); err != nil {
		return err
	}
	return p.answer(answer)
}

// runFill is the child.
func runFill(ctx context.Context, text []byte, out *json.Encoder) error {
	var order fillOrder
	if err := json.Unmarshal(text, &order); err != nil {
		return err
	}
	db, committers, err := openStore(ctx, order.Database)
	if err != nil {
		return err
	}
	// Nobody waits in front of this engine: its queue never fills and no command has to be quick.
	eng := engine.New(engine.Options{
		Store: aged{db, order.Settled}, Wait: time.Hour, AppLimit: fillers, Committers: committers,
	})
	var running sync.WaitGroup
	running.Go(func() { eng.Run(context.WithoutCancel(ctx)) })
	f := &filler{engine: eng, order: order}
	err = f.run(ctx)
	eng.Stop()
	running.Wait()
	if err == nil && order.Settled > 0 {
		if err = settleFilled(ctx, db, order.Apps, time.Now().Add(-order.Settled)); err != nil {
			err = fmt.Errorf("settle the callbacks: %w", err)
		}
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	return out.Encode(fillResult{Callbacks: f.callbacks.Load()})
}

type filler struct {
	engine    *engine.Engine
	order     fillOrder
	callbacks atomic.Int64
}

var restActor = live.Actor{Account: administrator, ClientIP: "127.0.0.1", Platform: live.PlatformREST, Cause: causeSample}

func (f *filler) run(ctx context.Context) error {
	if err := each(f.order.Apps, func(app int) error {
		_, err := f.engine.Do(ctx, appID(app), restActor, live.ConfigureApp{App: f.order.app(app)})
		return err
	}); err != nil {
		return err
	}
	rooms := f.order.Apps * f.order.Rooms
	if err := each(rooms, func(i int) error {
		app, room := i%f.order.Apps, i/f.order.Apps
		_, err := f.engine.Do(ctx, appID(app), restActor, live.CreateRoom{
			Room: live.RoomID(roomName(room)), Type: live.RoomType, Owner: "anchor",
		})
		return err
	}); err != nil {
		return err
	}
	return each(min(rooms, fillers), func(i int) error { return f.change(ctx, i) })
}

// app is an App as a config with a callback would make it.
func (o *fillOrder) app(index int) live.App {
	commands := []string{command}
	if o.All {
		commands = wire.Commands()
	}
	return live.App{
		ID: appID(index), Key: secretKey, Administrators: []live.Account{administrator},
		Callback: &live.Callback{URL: o.URLs[index%len(o.URLs)], Commands: commands},
		Delivery: live.Delivery{
			Profile: live.Durable, Timeout: o.Timeout, Concurrency: full.inFlight, GiveUpAfter: giveUpAfter,
		},
	}
}

// change makes the waiting callbacks of every room that is the turn of the filler: one of each room, then the next.
func (f *filler) change(ctx context.Context, filler int) error {
	apps, rooms := f.order.Apps, f.order.Rooms
	for round := 0; round*rooms < f.order.Callbacks; round++ {
		for i := filler; i < apps*rooms; i += fillers {
			app, room := i%apps, i/apps
			if round*rooms+room >= f.order.Callbacks {
				continue
			}
			t := live.ModifyAdmin{
				Room: live.RoomID(roomName(room)), Op: live.AddAdministrators,
				Accounts: []live.Account{live.Account(accountName(silentAccount, int64(round-round%2)))},
			}
			if round%2 == 1 {
				t.Op = live.DeleteAdministrators
			}
			if _, err := f.engine.Do(ctx, appID(app), restActor, t); err != nil {
				return fmt.Errorf("%s of App %d: %w", t.Room, app, err)
			}
			f.callbacks.Add(1)
		}
	}
	return nil
}

// each calls do for 0 to n-1 from several goroutines and returns the first error.
func each(n int, do func(i int) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var running sync.WaitGroup
	for range min(n, fillers) {
		running.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(i); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	running.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}
