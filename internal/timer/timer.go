// Package timer does what is due: a battle ends, a room that nobody is in is dissolved. What is due, and when, stands in the
// store beside what it is about (see [live.PartChange]), so it survives a restart. Guarantees:
//
//   - What is due is done by a command through the engine, like everything else, under the account [live.SystemAccount].
//   - A command looks again under the locks of its transaction whether it is due: several nodes may have the same timer, and none
//     does anything twice.
//   - What could not be done, because the store was away, is still due afterwards. An App that is stuck holds the others up for
//     some seconds and not for each part that it has due.
//
// One goroutine, that of [Timer.Run], looks once a second. It also sweeps away what ended lives of rooms have left behind.
package timer

import (
	"context"
	"log/slog"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// Store is what the timer needs of a store.
type Store interface {
	// DueParts returns parts that are due, those that are due longest first. Answers are not among them, and neither are parts
	// of a life of a room that ended.
	DueParts(ctx context.Context, now time.Time, limit int) ([]engine.Due, error)
	// SweepParts removes parts of lives that ended, and answers that are due, at most limit of each. It returns 0 when nothing
	// was left.
	SweepParts(ctx context.Context, now time.Time, limit int) (int, error)
}

// Engine runs commands.
type Engine interface {
	// Do returns a *live.Error when the command was refused or its outcome is unknown.
	Do(ctx context.Context, app live.AppID, by live.Actor, cmd live.Command) (live.Outcome, error)
}

const (
	// every is how often the timer looks.
	every = time.Second
	// page is how much is looked at, and swept, at a time.
	page = 500
	// within is how long a look at the store may take.
	within = 10 * time.Second
	// patience is the time that an App can take in a page for what could not be done, before the rest of it is left for the next
	// look: one whose rooms are locked must not hold the others up for as long as each of its parts waits.
	patience = 5 * time.Second
)

// Timer does what is due. [New] makes one.
type Timer struct {
	store  Store
	engine Engine
	log    *slog.Logger
}

// New returns a timer; [Timer.Run] is its life. A nil log takes nothing.
func New(store Store, eng Engine, log *slog.Logger) *Timer {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Timer{store: store, engine: eng, log: log}
}

// Run returns when ctx ends.
func (t *Timer) Run(ctx context.Context) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		t.round(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// round does what is due, page by page, as long as there is more and something was done.
func (t *Timer) round(ctx context.Context) {
	for ctx.Err() == nil {
		found, done := t.due(ctx)
		if found < page || done == 0 {
			break
		}
	}
	for ctx.Err() == nil {
		if swept := t.sweep(ctx); swept < page {
			break
		}
	}
}

func (t *Timer) due(ctx context.Context) (found, done int) {
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	list, err := t.store.DueParts(limited, time.Now(), page)
	if err != nil {
		t.note(ctx, "what is due cannot be read; the next look is in a second", err)
		return 0, 0
	}
	lost := map[live.AppID]time.Duration{}
	for _, d := range list {
		if ctx.Err() != nil {
			break
		}
		if lost[d.App] >= patience {
			continue
		}
		command := live.OnDue(d.Part)
		if command == nil {
			t.log.Error("a part is due and nothing is known to be done with it", "sdkappid", d.App, "room", d.Part.Room, "kind", d.Part.Kind)
			continue
		}
		begun := time.Now()
		if _, err := t.engine.Do(ctx, d.App, live.Actor{Account: live.SystemAccount}, command); err != nil {
			t.note(ctx, "what is due could not be done; the next try is in a second", err, "sdkappid", d.App, "command", command.Name(), "room", d.Part.Room)
			lost[d.App] += time.Since(begun)
			continue
		}
		done++
	}
	return len(list), done
}

func (t *Timer) sweep(ctx context.Context) int {
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	swept, err := t.store.SweepParts(limited, time.Now(), page)
	if err != nil {
		t.note(ctx, "what ended rooms left behind cannot be swept; the next try is in a second", err)
	}
	return swept
}

// note logs an error, unless the server stops.
func (t *Timer) note(ctx context.Context, what string, err error, about ...any) {
	if ctx.Err() == nil {
		t.log.Warn(what, append(about, "error", err)...)
	}
}
