package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	rooms   = 20
	workers = 8
	// pause is the longest time between two calls of a worker.
	pause = 16 * time.Millisecond
)

// load makes calls. It guesses what is in the rooms, so that most calls have an effect; whether they had one is for the
// check to say.
type load struct {
	workers [workers]worker
	rooms   [rooms + 1]guess // the last one is for the witness, who alone makes calls in it
	witness worker
}

// witness is the App administrator who tries whether changes are made and reported again.
const witness = "worker-w"

// worker is one App administrator with its own random choices; one goroutine uses it at a time.
type worker struct {
	identifier string
	rng        *rand.Rand
	names      int
}

// guess is what is believed of a room.
type guess struct {
	mu     sync.Mutex
	id     string
	exists bool
	owner  string
	admins []string
}

func newLoad(seed uint64) *load {
	l := &load{witness: worker{identifier: witness}}
	for i := range l.workers {
		l.workers[i] = worker{identifier: fmt.Sprintf("worker-%d", i), rng: rand.New(rand.NewPCG(seed, uint64(100+i)))}
	}
	for i := range l.rooms {
		l.rooms[i].id = fmt.Sprintf("room-%d", i)
	}
	return l
}

// identifiers are the App administrators of the load.
func identifiers() []string {
	var list []string
	for i := range workers {
		list = append(list, fmt.Sprintf("worker-%d", i))
	}
	return list
}

// run makes calls until stop is closed; then it waits for those under way. There is a caller for each worker.
func (l *load) run(callers []*caller, stop <-chan struct{}) {
	var group sync.WaitGroup
	for i, c := range callers {
		group.Go(func() { l.work(&l.workers[i], c, stop) })
	}
	group.Wait()
}

func (l *load) work(w *worker, c *caller, stop <-chan struct{}) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-stop:
			return
		case <-timer.C:
		}
		// A quarter of all calls goes to one room: its lane falls behind while it is held.
		room := &l.rooms[0]
		if w.rng.IntN(4) > 0 {
			room = &l.rooms[w.rng.IntN(rooms)]
		}
		call := room.choose(w)
		c.do(context.Background(), call) // the caller's client has a timeout
		room.learn(call)
		timer.Reset(time.Duration(w.rng.Int64N(int64(pause))))
	}
}

// name makes an account or a text that no other call has.
func (w *worker) name(prefix string) string {
	w.names++
	return fmt.Sprintf("%s-%s-%d", prefix, w.identifier[len("worker-"):], w.names)
}

// choose makes the next call for a room.
func (g *guess) choose(w *worker) *call {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := &call{room: g.id}
	if n := w.rng.IntN(100); !g.exists && n < 80 {
		c.op, c.accounts = opCreate, []string{w.name("o")}
	} else {
		g.fill(c, w, n)
	}
	return c
}

func (g *guess) fill(c *call, w *worker, n int) {
	switch {
	case n < 42:
		c.op, c.accounts = opAdd, []string{w.name("a")}
		if w.rng.IntN(4) == 0 {
			c.accounts = append(c.accounts, w.name("a"))
		}
		if w.rng.IntN(50) == 0 && g.owner != "" {
			c.accounts = append(c.accounts, g.owner) // refused: the owner is no administrator
		}
	case n < 78:
		c.op, c.accounts = opDelete, []string{g.anybody(w)}
		if other := g.anybody(w); w.rng.IntN(4) == 0 && other != c.accounts[0] {
			c.accounts = append(c.accounts, other)
		}
	case n < 86:
		c.op = opList
	case n < 88:
		c.op = opInfo
	case n < 92:
		c.op, c.accounts = opOwner, []string{w.name("o")}
		if w.rng.IntN(2) == 0 {
			c.accounts = []string{g.anybody(w)} // an administrator: two callbacks
		}
	case n < 97:
		c.op, c.accounts = opUpdate, []string{w.name("n")}
	case n < 99:
		c.op = opDestroy
	default:
		c.op, c.accounts = opCreate, []string{w.name("o")}
		if w.rng.IntN(2) == 0 && g.owner != "" {
			c.accounts = []string{g.owner}
		}
	}
}

// anybody is somebody who is believed to be an administrator.
func (g *guess) anybody(w *worker) string {
	if len(g.admins) == 0 {
		return w.name("x")
	}
	return g.admins[w.rng.IntN(len(g.admins))]
}
