package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

const app live.AppID = 1

// fullDisk is a store with an engine on a file system that can be filled.
type fullDisk struct {
	*testing.T
	folder     string
	db         *DB
	engine     *engine.Engine
	away, open chan struct{} // hold a token after the store has said so in its log
	asked      int           // rooms r0, r1 … were asked for
	created    map[live.RoomID]bool
}

func newFullDisk(t *testing.T) *fullDisk {
	d := &fullDisk{
		T: t, folder: t.TempDir(), created: map[live.RoomID]bool{},
		away: make(chan struct{}, 1), open: make(chan struct{}, 1),
	}
	if os.Getuid() != 0 {
		t.Skip("a small file system has to be mounted: run this test as root, for instance in a container")
	}
	if err := unix.Mount("tmpfs", d.folder, "tmpfs", 0, "size=4m,mode=0700"); err != nil {
		t.Fatalf("mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(d.folder, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	db, err := Open(t.Context(), Options{Path: filepath.Join(d.folder, "callboard.db"), Log: slog.New(d)})
	if err != nil {
		t.Fatal(err)
	}
	d.db = db
	d.engine = engine.New(engine.Options{Store: db, Wait: time.Minute})
	running := make(chan struct{})
	go func() {
		defer close(running)
		d.engine.Run(context.Background())
	}()
	t.Cleanup(func() {
		d.engine.Stop()
		<-running
		checkIntegrity(t, db)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := d.engine.Do(t.Context(), app, live.Actor{}, live.ConfigureApp{App: live.App{ID: app}}); err != nil {
		t.Fatal(err)
	}
	return d
}

// create asks for one more room.
func (d *fullDisk) create() error {
	d.Helper()
	id := live.RoomID(fmt.Sprintf("r%d", d.asked))
	d.asked++
	_, err := d.engine.Do(d.Context(), app, live.Actor{Account: "a"}, live.CreateRoom{Room: id, Type: live.RoomType})
	var refusal *live.Error
	switch {
	case err == nil:
		d.created[id] = true
	case !errors.As(err, &refusal) || refusal.Kind != live.Unavailable:
		d.Fatalf("a room was refused with %v, want the kind Unavailable", err)
	}
	return err
}

// createUntil asks for rooms until a token comes, or, when there is none to come, n times. It keeps the disk full: the store
// may have found room in its own WAL.
func (d *fullDisk) createUntil(token <-chan struct{}, n int) {
	d.Helper()
	for range n {
		err := d.create()
		if token == nil {
			if err != nil {
				d.Fatalf("create a room: %v", err)
			}
			continue
		}
		if err != nil {
			d.fill()
			select {
			case <-token:
				return
			case <-d.open:
			case <-time.After(30 * time.Second):
				d.Fatal("the store neither says that it is away nor that it is open")
			}
		}
	}
	if token != nil {
		d.Fatalf("the disk is full, and %d rooms could be created", n)
	}
}

// wantFull checks that an error says what is wrong and where.
func (d *fullDisk) wantFull(what string, err error) {
	d.Helper()
	says := regexp.MustCompile(`the disk is full: \d+ bytes free in ` + regexp.QuoteMeta(d.folder))
	if err == nil || !says.MatchString(err.Error()) {
		d.Errorf("%s on a full disk: %v; want that it says %s", what, err, says)
	}
}

func (d *fullDisk) filler() string { return filepath.Join(d.folder, "filler") }

// fill takes all room that is left.
func (d *fullDisk) fill() {
	d.Helper()
	f, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.Fatal(err)
	}
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	if !errors.Is(err, unix.ENOSPC) {
		d.Errorf("fill the disk: %v, want %v", err, unix.ENOSPC)
	}
	if err := f.Close(); err != nil {
		d.Error(err)
	}
}

func (d *fullDisk) makeRoom() {
	d.Helper()
	if err := os.Remove(d.filler()); err != nil {
		d.Fatal(err)
	}
}

func (d *fullDisk) wait(token <-chan struct{}) {
	d.Helper()
	select {
	case <-token:
	case <-time.After(30 * time.Second):
		d.Fatal("nothing happened in 30 s")
	}
}

// The log of the store tells the test what happens: Enabled, Handle, WithAttrs and WithGroup implement slog.Handler.
func (d *fullDisk) Enabled(context.Context, slog.Level) bool { return true }

// Handle turns a message of the store into a token.
func (d *fullDisk) Handle(_ context.Context, r slog.Record) error {
	token := d.open
	switch {
	case strings.Contains(r.Message, "cannot be used yet"):
		token = d.away
	case !strings.Contains(r.Message, "open again"):
		return nil
	}
	select {
	case token <- struct{}{}:
	default:
	}
	return nil
}

// WithAttrs ignores the attributes.
func (d *fullDisk) WithAttrs([]slog.Attr) slog.Handler { return d }

// WithGroup ignores the group.
func (d *fullDisk) WithGroup(string) slog.Handler { return d }
