package crash

import (
	"math/rand/v2"
	"sync"
)

// mood is how the App backend takes one arrival.
type mood int

// The moods. Those that accept differ in what the sender learns of it.
const (
	accepting mood = iota
	slow           // accepts, a little later
	accepts        // accepts and drops the connection: the sender cannot know
	hangs          // accepts and says nothing until the sender leaves
	fails          // answers FAIL
	breaks         // answers 500
	drops          // drops the connection
	moods          // how many there are
)

// badInThousand is how many of a thousand arrivals are not simply accepted.
const badInThousand = 20

// takes tells whether the App backend counts the callback as received.
func (m mood) takes() bool { return m < fails }

// temper chooses moods: mostly accepting, and never bad more than twice for the same event, so that the waits of its
// lane stay short.
type temper struct {
	mu   sync.Mutex
	rng  *rand.Rand
	calm bool
	bad  map[string]int // by event id
}

func newTemper(seed uint64) *temper {
	return &temper{rng: rand.New(rand.NewPCG(seed, 1)), bad: map[string]int{}}
}

func (t *temper) next(event string) mood {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.calm || t.rng.IntN(1000) >= badInThousand || t.bad[event] == 2 {
		return accepting
	}
	m := slow + mood(t.rng.IntN(int(moods-slow)))
	if m != slow {
		t.bad[event]++
	}
	return m
}

// settle ends the bad moods.
func (t *temper) settle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calm = true
}
