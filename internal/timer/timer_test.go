package timer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// fake is a store in which parts are due, and an engine that notes what is done.
type fake struct {
	mu    sync.Mutex
	due   []engine.Due
	left  int // to be swept
	err   error
	doErr error
	asked int
	done  []string
}

func (f *fake) DueParts(_ context.Context, _ time.Time, limit int) ([]engine.Due, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	return slices.Clone(f.due[:min(limit, len(f.due))]), f.err
}

func (f *fake) SweepParts(_ context.Context, _ time.Time, limit int) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := min(limit, f.left)
	f.left -= n
	return n, f.err
}

func (f *fake) Do(_ context.Context, app live.AppID, by live.Actor, cmd live.Command) (live.Outcome, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.doErr != nil {
		return live.Outcome{}, f.doErr
	}
	f.done = append(f.done, fmt.Sprintf("%d %s %s", app, by.Account, cmd.Name()))
	f.due = f.due[1:]
	return live.Outcome{}, nil
}

// play runs a timer on f for a while.
func play(t *testing.T, f *fake, during time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), during)
	defer cancel()
	New(f, f, nil).Run(ctx)
}

func TestWhatEndedRoomsLeftBehindIsSweptAtOnceAndInPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{left: 5*page + 7}
		play(t, f, every/2)
		if f.left != 0 {
			t.Errorf("%d parts are left, want none", f.left)
		}
	})
}

func TestAStoreThatIsAwayIsAskedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{err: errors.New("away"), left: 10 * page}
		play(t, f, 10*every+every/2)
		if f.asked != 11 {
			t.Errorf("asked %d times in ten seconds, want 11", f.asked)
		}
	})
}

func TestAPartOfUnknownKindStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{due: slices.Repeat([]engine.Due{{App: 1, Part: live.PartID{Kind: "unheard of"}}}, 2*page)}
		play(t, f, 3*every+every/2)
		if f.asked != 4 || len(f.done) != 0 {
			t.Errorf("asked %d times and did %v, want 4 times and nothing", f.asked, f.done)
		}
	})
}
