package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/callboard/callboard/internal/live"
)

// commitGroups is the life of a committer. Before it takes a group it lets those run first, once, who are ready to run:
// under load they bring further commands, and a commit costs the same for one command as for many. It waits for nobody, so
// a command that comes alone is not held up.
func (e *Engine) commitGroups(ctx context.Context) {
	for e.queue.wait() {
		runtime.Gosched()
		group := e.queue.take()
		if wanted := stillWanted(group); len(wanted) > 0 {
			e.run(ctx, wanted)
		}
		e.queue.done(group)
	}
}

// stillWanted returns the commands that somebody waits for.
func stillWanted(group []*request) []*request {
	wanted := make([]*request, 0, len(group))
	for _, r := range group {
		if r.taken.CompareAndSwap(false, true) {
			wanted = append(wanted, r)
		}
	}
	return wanted
}

// run commits a group and answers its commands. When the store fails before COMMIT, nothing is stored, and a single
// bad command may be the reason, or that another process was in the way: each runs again alone, once, unless the time in which
// somebody waits for an answer is half over.
func (e *Engine) run(ctx context.Context, group []*request) {
	e.opt.Metrics.groupSize.Observe(float64(len(group)))
	begun := time.Now()
	err := e.commit(ctx, group)
	if err == nil {
		return
	}
	if time.Since(begun) > e.opt.Wait/2 {
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
	tx, named, loaded, err := e.begin(ctx, group)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	w, err := newWork(named, loaded, time.Now())
	if err != nil {
		return err
	}
	results := make([]result, len(group))
	for i, r := range group {
		out, err := w.apply(r)
		if err != nil && !isRefusal(err) {
			return err
		}
		results[i] = result{out, err}
	}
	changes, err := w.changes()
	if err != nil {
		return err
	}
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
		if _, ok := r.cmd.(reread); ok {
			e.wasRead(w.apps[r.app].app)
		}
		r.answer(results[i].out, results[i].err)
	}
	return nil
}

func isRefusal(err error) bool {
	var refusal *live.Error
	return errors.As(err, &refusal)
}

// unknown answers a group whose changes may be stored, or not, and has what is stored read again.
func (e *Engine) unknown(group []*request, changes []Change, err error) {
	e.opt.Log.Error("the outcome of a commit is not known; its commands are answered so", "commands", len(group), "error", err)
	e.opt.Metrics.unknown.Add(float64(len(group)))
	apps := make([]live.AppID, len(changes))
	for i := range changes {
		apps[i] = changes[i].App
	}
	e.rereads.Go(func() { e.readAgain(apps) })
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
