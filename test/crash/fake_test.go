package crash

import (
	"crypto/sha256"
	"fmt"

	"github.com/callboard/callboard/callback"
)

// fake is a perfect backend in memory. It makes histories that the check must accept, to be broken by its tests.
type fake struct {
	clock     clock
	history   history
	rooms     map[string]room
	seq, prev int64
	lanes     map[string]*[2]int64 // the last Room-Seq and the last of a callback
	causes    int
}

func newFake() *fake { return &fake{rooms: map[string]room{}, lanes: map[string]*[2]int64{}} }

// call carries out a call; its callbacks arrive at once and are accepted.
func (f *fake) call(by string, o op, id string, accounts ...string) *call {
	c := f.begin(by, o, id, accounts)
	f.causes++
	c.cause = fmt.Sprintf("Id-%d", f.causes)
	c.outcome = refused
	code, _, read := f.rooms[id].answer(c)
	if c.code = code; code == 0 {
		c.outcome, c.read = done, read
		f.commit(c, c.cause)
	}
	c.end = f.clock.tick()
	return c
}

// lose makes a call whose caller hears nothing; end it with endLife.
func (f *fake) lose(happens bool, by string, o op, id string, accounts ...string) *call {
	c := f.begin(by, o, id, accounts)
	c.outcome = unknown
	if happens {
		f.causes++
		f.commit(c, fmt.Sprintf("Id-%d", f.causes))
	}
	return c
}

func (f *fake) endLife() {
	now := f.clock.tick()
	for _, c := range f.history.calls {
		if c.end == 0 {
			c.end = now
		}
	}
}

func (f *fake) begin(by string, o op, id string, accounts []string) *call {
	c := &call{op: o, room: id, by: by, accounts: accounts, start: f.clock.tick()}
	f.history.calls = append(f.history.calls, c)
	return c
}

func (f *fake) commit(c *call, cause string) {
	_, changes, _ := f.rooms[c.room].answer(c)
	lane := f.lanes[c.room]
	if lane == nil {
		lane = &[2]int64{}
		f.lanes[c.room] = lane
	}
	if c.op == opUpdate {
		f.seq++
		lane[0]++
	}
	for _, ch := range changes {
		f.rooms[c.room] = f.rooms[c.room].after(&ch)
		f.seq++
		lane[0]++
		a := &arrival{
			at: f.clock.tick(), accepted: f.clock.tick(), change: ch, time: callback.Millis(f.seq),
			body: sha256.Sum256(fmt.Append(nil, f.seq)),
			head: head{
				ID: fmt.Sprintf("%d-abcdefgh-%d", sdkAppID, f.seq), Log: "abcdefgh", Lane: c.room, Cause: cause,
				State: f.rooms[c.room].state(), Seq: f.seq, Prev: f.prev, RoomSeq: lane[0], RoomPrev: lane[1],
			},
		}
		f.prev, lane[1] = f.seq, lane[0]
		f.history.arrivals = append(f.history.arrivals, a)
	}
}

// repeat lets the last callback arrive again.
func (f *fake) repeat() {
	again := *f.history.arrivals[len(f.history.arrivals)-1]
	again.at, again.accepted = f.clock.tick(), f.clock.tick()
	f.history.arrivals = append(f.history.arrivals, &again)
}

// story is a history with something of everything.
func story() *history {
	f := newFake()
	f.call("w0", opCreate, "r", "anna")        // arrival 0
	f.call("w0", opAdd, "r", "bert", "carl")   // 1
	f.call("w1", opAdd, "r", "anna")           // refused
	f.call("w1", opList, "r")                  //
	f.call("w1", opUpdate, "r", "a new name")  // takes a number
	f.call("w0", opDelete, "r", "bert", "zoe") // 2
	f.repeat()                                 // 3
	f.lose(true, "w0", opAdd, "r", "dora")     // 4
	f.lose(false, "w1", opDelete, "r", "carl") //
	f.endLife()                                //
	f.call("w1", opDelete, "r", "zoe")         // nothing to do
	f.call("w1", opOwner, "r", "dora")         // 5 and 6
	f.call("w0", opCreate, "s", "emil")        // 7
	f.call("w0", opDestroy, "s")               // 8
	f.call("w0", opList, "s")                  // refused
	f.call("w1", opCreate, "s", "fred")        // 9
	f.call("w0", opCreate, "s", "fred")        // refused
	f.call("w0", opOwner, "r", "gina")         // 10
	f.call("w0", opOwner, "s", "hugo")         // 11
	f.call("w0", opList, "r")
	f.call("w0", opInfo, "s")
	return &f.history
}
