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
	stuck map[live.AppID]time.Duration // Apps whose commands are given up after a while
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
	if wait := f.stuck[app]; wait > 0 {
		<-time.After(wait)
		return live.Outcome{}, live.Refuse(live.Unavailable, "the server is busy")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.doErr != nil {
		return live.Outcome{}, f.doErr
	}
	f.done = append(f.done, fmt.Sprintf("%d %s %s", app, by.Account, cmd.Name()))
	i := slices.IndexFunc(f.due, func(d engine.Due) bool { return d.App == app })
	f.due = slices.Delete(f.due, i, i+1)
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

// An App whose commands find no place, because its rooms are locked or its store is away, holds the others up for some seconds and not for each of its parts.
func TestAnAppThatIsStuckHoldsOthersUpForSomeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const wait = 3 * time.Second
		f := &fake{}
		f.stuck = map[live.AppID]time.Duration{1: wait}
		for range page - 1 {
			f.due = append(f.due, engine.Due{App: 1, Part: live.VacancyOf("r1")})
		}
		f.due = append(f.due, engine.Due{App: 2, Part: live.VacancyOf("r1")})
		play(t, f, patience+wait)
		if want := []string{"2 @TIM#SYSTEM dissolve_room"}; !slices.Equal(f.done, want) {
			t.Errorf("done in %v: %v, want %v", patience+wait, f.done, want)
		}
	})
}
