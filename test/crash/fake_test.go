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
	life      int
	spoilt    bool            // callbacks are refused and given up
	skips     map[string]span // what the next callback of a lane announces
	dead      map[int64]bool
}

func newFake() *fake {
	return &fake{rooms: map[string]room{}, lanes: map[string]*[2]int64{}, life: 1, skips: map[string]span{}, dead: map[int64]bool{}}
}

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
	f.life++
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
			change: ch, time: callback.Millis(f.seq),
			body: sha256.Sum256(fmt.Append(nil, f.seq)),
			head: head{
				ID: fmt.Sprintf("%d-abcdefgh-%d", sdkAppID, f.seq), Log: "abcdefgh", Lane: c.room, Cause: cause,
				State: f.rooms[c.room].state(), Seq: f.seq, Prev: f.prev, RoomSeq: lane[0], RoomPrev: lane[1],
			},
		}
		f.prev, lane[1] = f.seq, lane[0]
		f.send(a)
	}
}

// send delivers a callback for the first time.
func (f *fake) send(a *arrival) {
	a.skip = f.skips[a.head.Lane]
	if f.spoilt {
		f.giveUp(a)
		return
	}
	delete(f.skips, a.head.Lane)
	f.arrive(a, true)
}

func (f *fake) arrive(a *arrival, ok bool) {
	now := *a
	now.at, now.life, now.accepted, now.wall = f.clock.tick(), f.life, 0, a.time.Time()
	if ok {
		now.accepted = f.clock.tick()
	}
	f.history.arrivals = append(f.history.arrivals, &now)
}

// giveUp refuses a callback three times and makes it a dead letter.
func (f *fake) giveUp(a *arrival) {
	for range attemptsToGiveUp {
		f.arrive(a, false)
	}
	f.history.burials = append(f.history.burials, burial{f.life, a.head.ID, theCallback, attemptsToGiveUp, "status 500"})
	f.dead[a.head.Seq] = true
	skipped := span{a.head.RoomSeq, a.head.RoomSeq}
	if a.skip.to != 0 && a.skip.to == a.head.RoomPrev {
		skipped.from = a.skip.from
	}
	f.skips[a.head.Lane] = skipped
}

// spoil makes a call whose callback is given up.
func (f *fake) spoil(by string, o op, id string, accounts ...string) {
	f.spoilt = true
	f.call(by, o, id, accounts...)
	f.spoilt = false
}

// ask makes an operator's call; what is to be sent again arrives at once and is accepted.
func (f *fake) ask(a ask) {
	a.start, a.life, a.outcome = f.clock.tick(), f.life, done
	sent := map[int64]bool{}
	for _, old := range f.history.arrivals {
		if seq := old.head.Seq; a.covers(&old.head) && !sent[seq] && (!a.deadOnly || f.dead[seq]) {
			sent[seq] = true
			again := *old
			again.again, again.skip = true, span{}
			f.arrive(&again, true)
			delete(f.dead, seq)
		}
	}
	a.end = f.clock.tick()
	f.history.asks = append(f.history.asks, &a)
}

// repeat lets the last callback arrive again.
func (f *fake) repeat() {
	f.arrive(f.history.arrivals[len(f.history.arrivals)-1], true)
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

// sequel is a history in which callbacks are given up and sent again, and in which an operator pauses.
func sequel() *history {
	f := newFake()
	f.call("w0", opCreate, "r", "anna")                   // arrival 0, event 1
	f.call("w0", opCreate, "s", "emil")                   // 1, event 2
	f.spoil("w0", opAdd, "r", "bert")                     // 2 to 4, event 3
	f.spoil("w0", opAdd, "r", "carl")                     // 5 to 7, event 4
	f.call("w0", opAdd, "r", "dora")                      // 8, event 5, announces both
	f.ask(ask{kind: askRedeliver})                        // 9 to 13, events 1 to 5; ask 0
	f.call("w1", opAdd, "s", "ines")                      // 14, event 6: a kill loses that it was accepted
	f.endLife()                                           //
	f.giveUp(f.history.arrivals[14])                      // 15 to 17
	f.call("w1", opDelete, "s", "ines")                   // 18, event 7, announces event 6
	f.spoil("w1", opAdd, "r", "zoe")                      // 19 to 21, event 8: a kill loses that it was given up
	f.ask(ask{kind: askPause, reader: theCallback})       // ask 1
	f.endLife()                                           //
	f.ask(ask{kind: askRedeliver, lane: "s", from: 6})    // 22 and 23, events 6 and 7; ask 2
	f.ask(ask{kind: askResume, reader: theCallback})      // ask 3
	f.skips, f.dead = map[string]span{}, map[int64]bool{} //
	f.arrive(f.history.arrivals[21], true)                // 24, event 8
	f.call("w0", opOwner, "r", "gina")                    // 25, event 9
	f.spoil("w0", opAdd, "s", "kurt")                     // 26 to 28, event 10
	f.call("w0", opOwner, "s", "hugo")                    // 29, event 11, announces event 10
	f.ask(ask{kind: askRedeliver, deadOnly: true})        // 30, event 10; ask 4
	f.history.emptied = f.clock.tick()                    //
	f.ask(ask{kind: askRedeliver, deadOnly: true})        // ask 5
	f.call("w0", opList, "s")
	return &f.history
}
