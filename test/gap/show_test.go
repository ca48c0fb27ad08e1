package gap

import (
	"context"
	"sync"
	"testing"
	"time"
)

// show is a run with the real binary: some Apps on one server, each a stage. The server is everybody's, so its restarts, its backup
// and the return of the latter hit all.
type show struct {
	*host
	plan   *dice
	stages []*stage
}

func newShow(t *testing.T, s store, seed uint64) *show {
	return &show{host: newHost(t, s), plan: newPlan(seed)}
}

// add has one more App play.
func (s *show) add(on *site, seed uint64, tally *tally) {
	s.stages = append(s.stages, newStage(s.t, s.host, on, seed, tally))
}

// tick is the time between two troubles.
const tick = 150 * time.Millisecond

// play has rooms changed all the time. Meanwhile switches are turned, then a backup is made, and then it replaces what there is.
func (s *show) play(ctx context.Context) {
	s.open()
	defer func() { s.lives.kill() }()
	for _, g := range s.stages {
		g.begin()
		defer g.end()
	}
	calm := s.others(ctx)
	defer calm()
	part := int(time.Duration(variable(s.t, "CALLBOARD_GAP_SECONDS", 7)) * time.Second / tick / 7)
	s.trouble(ctx, 2*part, true)
	for _, g := range s.stages {
		for _, command := range commands() {
			g.server.turn(command, true)
		}
	}
	s.backup()
	s.trouble(ctx, part, false)
	s.renew()
	for _, g := range s.stages {
		g.blind.Store(false) // a snapshot tells what no callback told
	}
	s.trouble(ctx, 4*part, false)
	calm()
	for _, g := range s.stages {
		g.rest()
	}
	for _, g := range s.stages {
		g.settle()
		g.compare(ctx)
	}
}

// trouble goes on for some ticks, of which each App has its own share. How many there are does not depend on how fast the machine is.
func (s *show) trouble(ctx context.Context, ticks int, switches bool) {
	pace := time.NewTicker(tick)
	defer pace.Stop()
	for range ticks {
		<-pace.C
		if s.plan.oneIn(12) {
			s.stages[0].tally.add("restarts of the server")
			s.restart()
		}
		for _, g := range s.stages {
			g.trouble(ctx, switches)
		}
	}
}

// others begin to change rooms, let late callbacks arrive and look after the Inboxes. They end when the returned function is called, which
// may be done again. Many Apps do less each.
func (s *show) others(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	share := time.Duration(len(s.stages))
	for _, g := range s.stages {
		for n := range 2 {
			dice := newChanges(g.seed, n)
			again(ctx, &wait, 3*time.Millisecond*share, func() { g.changeBy(dice) })
		}
		again(ctx, &wait, 20*time.Millisecond, func() { g.proxy.flush() })
		again(ctx, &wait, max(200*time.Millisecond, 50*time.Millisecond*share), func() { g.look(ctx) })
	}
	return func() {
		cancel()
		wait.Wait()
	}
}

// again does something again and again until the context ends.
func again(ctx context.Context, wait *sync.WaitGroup, pause time.Duration, do func()) {
	wait.Go(func() {
		pace := time.NewTicker(pause)
		defer pace.Stop()
		for ctx.Err() == nil {
			do()
			select {
			case <-ctx.Done():
			case <-pace.C:
			}
		}
	})
}
