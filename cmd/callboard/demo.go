package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/config"
	"github.com/callboard/callboard/internal/server"
	"github.com/callboard/callboard/liveapi"
	"github.com/callboard/callboard/usersig"
)

type demoCommand struct {
	Once bool `help:"End after the show, with exit code 0 if everything was seen."`
}

const (
	demoApp           = 1400000001
	demoAdministrator = "administrator"
	demoRoom          = "stage-1"
	demoToken         = "demo-token"
	demoPatience      = 15 * time.Second
)

// Run starts a backend and an App backend on free ports, shows the main job, and ends or stays up.
func (c *demoCommand) Run(ctx context.Context, std streams) (err error) {
	folder, err := os.MkdirTemp("", "callboard-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	d := &demo{out: &printer{w: std.out}}
	if err := d.start(ctx, folder); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.show(ctx); err != nil {
		return fmt.Errorf("the demo did not see what it should: %w", err)
	}
	if c.Once {
		return nil
	}
	return d.stay(ctx)
}

// demo is a running backend with its App backend.
type demo struct {
	out     *printer
	app     *demoBackend
	url     string // of the backend
	key     string
	client  *liveapi.Client
	cancel  context.CancelFunc
	stopped chan error // gets one value when the backend has stopped
}

func (d *demo) start(ctx context.Context, folder string) (err error) {
	if d.app, err = startDemoBackend(ctx); err != nil {
		return err
	}
	d.key = randomKey()
	s, err := server.New(ctx, server.Options{Config: d.config(folder), Log: d.out.logger(), Version: version()})
	if err != nil {
		return errors.Join(err, d.app.stop())
	}
	d.url = "http://" + s.Addr().String()
	// The backend is stopped by stop, after the last step, and not with ctx: then a Ctrl-C ends the show first.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	d.cancel, d.stopped = cancel, make(chan error, 1)
	go func() { d.stopped <- s.Run(running) }()
	d.client, err = liveapi.NewClient(liveapi.Options{
		BaseURL: d.url, SDKAppID: demoApp, Identifier: demoAdministrator, Sign: d.sign,
		HTTPClient: &http.Client{Transport: &tracer{out: d.out}, Timeout: demoPatience},
	})
	if err != nil {
		return errors.Join(err, d.stop())
	}
	return nil
}

func (d *demo) config(folder string) config.Config {
	return config.Config{
		Listen:    "127.0.0.1:0",
		Database:  "sqlite:" + filepath.Join(folder, "callboard.db"),
		Memory:    config.DefaultMemory,
		Retention: config.Retention{Log: config.DefaultLogRetention, Dead: config.DefaultDeadRetention},
		Apps: []config.App{{
			SDKAppID: demoApp, Key: config.Secret(d.key), Administrators: []string{demoAdministrator},
			Callback: &config.Callback{
				URL: d.app.url(), Commands: []string{string(callback.CommandAfterModifyAdmin)}, Token: demoToken,
			},
			Delivery: config.Delivery{
				Profile: config.ProfileDurable, Answers: config.AnswersLenient, Timeout: config.DefaultDurableTimeout,
				Concurrency: config.DefaultConcurrency, GiveUpAfter: config.DefaultGiveUpAfter,
			},
		}},
	}
}

func (d *demo) sign() (string, error) {
	return usersig.New(d.key, usersig.Claims{SDKAppID: demoApp, Identifier: demoAdministrator, Expire: 24 * time.Hour})
}

func (d *demo) stop() error {
	d.cancel()
	return errors.Join(<-d.stopped, d.app.stop())
}

// show is the script. Each step fails if it does not see what it says.
func (d *demo) show(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*demoPatience)
	defer cancel()
	d.out.line("Callboard holds the room at %s; the App backend waits for callbacks at %s.", d.url, d.app.url())
	for _, step := range []func(context.Context) error{d.showChange, d.showRefusal, d.showOutage} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	d.out.line("\nEvery change arrived, in order, and none was lost.")
	return nil
}

func (d *demo) showChange(ctx context.Context) error {
	d.out.title("1. An App administrator makes two users administrators of a room, by REST")
	if _, err := d.client.CreateRoom(ctx, liveapi.NewRoom{RoomID: demoRoom, OwnerAccount: "anchor", SeatTemplate: "VideoDynamicGrid9Seats"}); err != nil {
		return err
	}
	if err := d.client.AddAdmin(ctx, demoRoom, "alice", "bob"); err != nil {
		return err
	}
	_, err := d.arrival(ctx)
	return err
}

func (d *demo) showRefusal(ctx context.Context) error {
	d.out.title("2. A sixth administrator is refused, and no callback is sent")
	d.out.silent(func() { _ = d.client.AddAdmin(ctx, demoRoom, "carol", "dave", "eve") })
	before, err := d.arrivalQuietly(ctx)
	if err != nil {
		return err
	}
	d.out.line("  (carol, dave and eve were made administrators too; the App backend was told as above. That makes five.)")
	err = d.client.AddAdmin(ctx, demoRoom, "mallory")
	var refused *liveapi.Error
	if !errors.As(err, &refused) || refused.Code != liveapi.CodeTooManyAdministrators {
		return errors.Join(errors.New("the sixth administrator was not refused as documented"), err)
	}
	d.out.line("  The next callback will show that nothing was sent for this: it follows on Callboard-Room-Seq %d.", before.RoomSeq)
	return nil
}

func (d *demo) showOutage(ctx context.Context) error {
	d.out.title("3. The App backend is down while an administrator is removed")
	if err := d.app.stop(); err != nil {
		return err
	}
	if err := d.client.DeleteAdmin(ctx, demoRoom, "bob"); err != nil {
		return err
	}
	d.out.line("  The change is done, although nobody could be told. Callboard tries, and says:")
	held, err := d.out.warning(ctx)
	if err != nil {
		return fmt.Errorf("the outage was not noticed: %w", err)
	}
	d.out.line("%s", held)
	if err := d.app.start(ctx); err != nil {
		return err
	}
	d.out.line("  The App backend is back.")
	a, err := d.arrival(ctx)
	if err != nil {
		return err
	}
	if a.Attempt < 2 || a.RoomPrev != a.RoomSeq-1 {
		return fmt.Errorf("attempt %d of Room-Seq %d after %d arrived", a.Attempt, a.RoomSeq, a.RoomPrev)
	}
	return nil
}

// arrival waits for the next callback at the App backend and prints it.
func (d *demo) arrival(ctx context.Context) (arrival, error) {
	a, err := d.arrivalQuietly(ctx)
	if err == nil {
		d.out.arrival(a)
	}
	return a, err
}

func (d *demo) arrivalQuietly(ctx context.Context) (arrival, error) {
	select {
	case a := <-d.app.arrivals:
		if a.status != http.StatusOK || !a.handled {
			return a, fmt.Errorf("the App backend refused a callback: %d %s", a.status, a.answer)
		}
		return a, nil
	case <-ctx.Done():
		return arrival{}, fmt.Errorf("no callback arrived: %w", ctx.Err())
	}
}

func randomKey() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails: it ends the process instead
	return hex.EncodeToString(b[:])
}
