package gap

import (
	"math/rand/v2"
	"sync"
)

// dice are the chance of a run. One goroutine rolls them where the backend is a model, many where callbacks come by themselves.
type dice struct {
	mu     sync.Mutex
	random *rand.Rand
}

func newDice(seed uint64) *dice { return &dice{random: rand.New(rand.NewPCG(seed, 7))} }

// newPlan and newChanges are dice of one goroutine each, so that a seed gives the same again also where callbacks come by themselves.
func newPlan(seed uint64) *dice { return &dice{random: rand.New(rand.NewPCG(seed, 8))} }

func newChanges(seed uint64, n int) *dice {
	return &dice{random: rand.New(rand.NewPCG(seed, 9+uint64(n)))}
}

// below returns a number from 0 to n-1.
func (d *dice) below(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.random.IntN(n)
}

// oneIn tells whether something happens that happens once in n times.
func (d *dice) oneIn(n int) bool { return d.below(n) == 0 }

// tally counts what happened in all runs.
type tally struct {
	mu    sync.Mutex
	count map[string]int
}

func newTally() *tally { return &tally{count: map[string]int{}} }

func (t *tally) add(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count[what]++
}
