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
	// Those of an outage:
	resets  // drops the connection with a reset
	ignores // says nothing until the sender leaves
	gone    // answers 410
	later   // answers 503 and asks to wait
	refuses // takes no connection: nothing arrives
	moods   // how many there are
)

const (
	// badInThousand is how many of a thousand arrivals are not simply accepted.
	badInThousand = 20
	// poisonInThousand is how many become poison while poison is given out.
	poisonInThousand = 100
	// mostPoison is how many callbacks may be poison and not given up, so that most lanes go on.
	mostPoison = 10
)

// takes tells whether the App backend counts the callback as received.
func (m mood) takes() bool { return m < fails }

// temper chooses moods: mostly accepting, and never bad more than twice for the same event, so that the waits of its
// lane stay short. Poison is refused again and again, also when somebody asks for it, so often that it is given up; then
// it is accepted.
type temper struct {
	mu     sync.Mutex
	rng    *rand.Rand
	calm   bool           // for good
	kind   bool           // for a while
	bad    map[string]int // by event id
	outage mood           // of all arrivals; accepting: there is none
	gives  bool           // poison
	poison map[string]*dose
}

// dose is how an event that is poison is refused.
type dose struct{ refused, left int }

func newTemper(seed uint64) *temper {
	return &temper{rng: rand.New(rand.NewPCG(seed, 1)), bad: map[string]int{}, poison: map[string]*dose{}}
}

// next is the mood for an arrival of an event; grave tells that the sender may give it up for this.
func (t *temper) next(event string, again bool) (m mood, grave bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.outage != accepting {
		return t.outage, false
	}
	if t.calm || t.kind {
		return accepting, false
	}
	if d := t.dose(event, again); d != nil && d.left > 0 {
		d.left--
		d.refused++
		return fails + mood(t.rng.IntN(int(resets-fails))), d.refused >= attemptsToGiveUp
	}
	if t.rng.IntN(1000) >= badInThousand || t.bad[event] == 2 {
		return accepting, false
	}
	m = slow + mood(t.rng.IntN(int(resets-slow)))
	if m != slow {
		t.bad[event]++
	}
	return m, false
}

// attemptsToGiveUp are made at least.
const attemptsToGiveUp = 3

// dose makes some callbacks poison.
func (t *temper) dose(event string, again bool) *dose {
	d := t.poison[event]
	if d != nil || again || !t.gives || t.rng.IntN(1000) >= poisonInThousand {
		return d
	}
	fresh := 0
	for _, d := range t.poison {
		if d.left > 0 && d.refused < attemptsToGiveUp {
			fresh++
		}
	}
	if fresh >= mostPoison {
		return nil
	}
	d = &dose{left: attemptsToGiveUp + t.rng.IntN(8)}
	t.poison[event] = d
	return d
}

// settle ends the bad moods.
func (t *temper) settle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calm, t.outage = true, accepting
}

// relent has everything accepted for a while, or ends that; an outage goes on.
func (t *temper) relent(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kind = on
}

// breakOut begins an outage, or ends it when m is accepting.
func (t *temper) breakOut(m mood) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.outage = m
}

// well tells that there is no outage.
func (t *temper) well() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.outage == accepting
}

// givePoison begins or ends to make callbacks poison.
func (t *temper) givePoison(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gives = on
}
