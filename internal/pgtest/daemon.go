package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Limits of programs. They are far above what is usual, for machines under load.
const (
	startLimit = time.Minute
	endLimit   = time.Minute
	tailSize   = 4 << 10
)

// errEnded is the answer of a program that ended while it should have started.
var errEnded = errors.New("it ended")

// daemon is a temporary folder and a program that runs in it, both of a user without privileges. The guard of the folder
// ends the program and removes the folder when this process ends. Nothing here needs a goroutine.
type daemon struct {
	name   string
	folder string
	owner  *owner // nil: whoever runs the test
	guard  *guard
	pid    int // 0: it does not run
}

// owner is another user than the one who runs the test.
type owner struct{ uid, gid int }

// unprivileged returns the user that programs run as which refuse to run as root; nil when the test does not run as root.
func unprivileged() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // nobody else is needed
	}
	var found *user.User
	err := errors.New("no user")
	for _, name := range []string{"postgres", "nobody"} {
		if found, err = user.Lookup(name); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("a user without privileges to run a server: %w", err)
	}
	uid, err := strconv.Atoi(found.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(found.Gid)
	if err != nil {
		return nil, err
	}
	return &owner{uid: uid, gid: gid}, nil
}

// newDaemon makes the folder. Nothing runs yet.
func newDaemon(name string) (*daemon, error) {
	o, err := unprivileged()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "callboard-test-"+name+"-")
	if err != nil {
		return nil, err
	}
	d := &daemon{name: name, folder: folder, owner: o}
	if d.guard, err = newGuard(folder); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := d.give(folder); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// write makes a file of the folder, which only the owner may read.
func (d *daemon) write(name, text string) (string, error) {
	path := filepath.Join(d.folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", err
	}
	return path, d.give(path)
}

func (d *daemon) give(path string) error {
	if d.owner == nil {
		return nil
	}
	return os.Chown(path, d.owner.uid, d.owner.gid)
}

// command runs in the folder, without settings of whoever runs the test.
func (d *daemon) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = d.folder
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.SysProcAttr = apart(d.owner)
	return cmd
}

// run runs a program to its end.
func (d *daemon) run(program string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	if out, err := d.command(ctx, program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w; it said:\n%s", filepath.Base(program), err, out)
	}
	return nil
}

// start starts the program and returns when the server at a URL answers.
func (d *daemon) start(serverURL, program string, args ...string) error {
	file, err := os.OpenFile(d.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	cmd := d.command(context.Background(), program, args...)
	cmd.Stdout, cmd.Stderr = file, file
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", d.name, err)
	}
	d.pid = cmd.Process.Pid
	if err := errors.Join(cmd.Process.Release(), d.guard.watch(d.pid)); err != nil {
		return err
	}
	return d.await(serverURL)
}

func (d *daemon) await(serverURL string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	for {
		err := ping(ctx, serverURL)
		switch {
		case err == nil:
			return nil
		case d.ended():
			return fmt.Errorf("start %s: %w; the end of its log:\n%s", d.name, errEnded, d.tail())
		case ctx.Err() != nil:
			return fmt.Errorf("start %s: no answer within %s: %w; the end of its log:\n%s", d.name, startLimit, err, d.tail())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func ping(ctx context.Context, serverURL string) error {
	conn, err := pgx.Connect(ctx, serverURL)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "SELECT 1") // without arguments: the simple protocol, which pgbouncer passes on
	return errors.Join(err, conn.Close(ctx))
}

// ended tells whether the program does not run.
func (d *daemon) ended() bool {
	if d.pid == 0 {
		return true
	}
	if !reap(d.pid) {
		return false
	}
	d.pid = 0
	_ = d.guard.watch(0) // a guard that is gone watches nobody
	return true
}

// end sends a signal that ends the program, and waits until it has. It may have ended already.
func (d *daemon) end(signal syscall.Signal) error {
	if d.ended() {
		return nil
	}
	if err := send(d.pid, signal); err != nil {
		return fmt.Errorf("end %s: %w", d.name, err)
	}
	for begin := time.Now(); !d.ended(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > endLimit {
			return fmt.Errorf("end %s: it still runs %s after signal %q; the end of its log:\n%s", d.name, endLimit, signal, d.tail())
		}
	}
	return nil
}

// close removes the folder. The program has ended.
func (d *daemon) close() error { return d.guard.close() }

func (d *daemon) log() string { return filepath.Join(d.folder, "log") }

// tail is the end of the log.
func (d *daemon) tail() string {
	file, err := os.Open(d.log())
	if errors.Is(err, fs.ErrNotExist) {
		return "(empty)"
	}
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(text[max(0, len(text)-tailSize):]))
}
