package delivery

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/eventlog"
)

// play runs the steps of a script, each a word and its lanes. The n-th event of the log is number n.
//
//	commit a b -  appends a callback event of a, one of b, and one that is no callback; admit  takes what there is room for; read  takes one
//	send a b      next returns lane a, then b; what is sent is in flight;   send none  nothing can be sent
//	ok a · fail a · bury a (gives up) · abandon a  end the attempt in flight;   discard a  next returns a, which is settled unsent
//	wait  lets two seconds pass, after which a failed lane is due;   store · lose  a settlement is stored, or fails
//	crash  starts anew from what is stored
func (r *rig) play(script string) {
	r.t.Helper()
	for step := range strings.SplitSeq(script, ";") {
		words := strings.Fields(step)
		if len(words) == 1 {
			words = append(words, "")
		}
		for _, name := range words[1:] {
			r.step(words[0], eventlog.Lane(name))
			r.check()
		}
	}
}

func (r *rig) step(word string, name eventlog.Lane) {
	r.t.Helper()
	switch word {
	case "commit":
		r.commit(name, name != "-", 10)
	case "admit":
		for r.admit() {
			r.check()
		}
	case "read":
		r.admit()
	case "send", "discard":
		l := r.next(false)
		if got := turn(l); got != name {
			r.t.Fatalf("it is the turn of lane %s, want %s", got, name)
		}
		if l != nil && word == "send" {
			r.send(l)
		} else if l != nil {
			r.end(l, "discarded")
		}
	case "ok", "abandon":
		r.land(name, word, 0)
	case "bury":
		r.land(name, "give up", 0)
	case "fail":
		r.land(name, "500", 2*time.Second)
	case "wait":
		r.now = r.now.Add(2 * time.Second)
	case "store", "lose":
		if !r.take() {
			r.t.Fatalf("there is nothing to store")
		}
		r.stored(word == "store", word == "store")
	case "crash":
		r.crash()
	default:
		r.t.Fatalf("no such step: %q", word)
	}
}

func turn(l *lane) eventlog.Lane {
	if l == nil {
		return "none"
	}
	return l.name
}

// String is the state in words: how far the cursor is, then each lane with what is in memory; a number in flight has a
// mark of exclamation.
func (w *window) String() string {
	var lanes []string
	for _, l := range w.lanes {
		text := string(l.name) + ":"
		if l.held != nil {
			text += fmt.Sprintf(" held from %d, %d failed;", l.held.Next, l.held.Attempts)
		}
		for i, e := range l.queue {
			text += fmt.Sprintf(" %d", e.Seq)
			if i == 0 && l.flying {
				text += "!"
			}
		}
		lanes = append(lanes, text)
	}
	slices.Sort(lanes)
	return strings.Join(append([]string{fmt.Sprintf("done %d+%s", w.cursor.Done(), w.cursor.Beyond())}, lanes...), " | ")
}

func TestLanesInTheWindow(t *testing.T) {
	cases := []struct{ name, script, want string }{
		{"a lane sends one at a time", "commit a a; admit; send a none", "done 0+ | a: 1! 2"},
		{"a lane goes on when its first is accepted", "commit a a; admit; send a; ok a; send a", "done 1+ | a: 2!"},
		{"lanes overtake each other", "commit a a b c; admit; send a b c; ok c b", "done 0+3-4 | a: 1! 2"},
		{"what is no callback is done with at once", "commit - a -; admit", "done 1+3-3 | a: 2"},
		{"lanes have their turn in the order of the log", "commit a b a; admit; send a; ok a; send b a", "done 1+ | a: 3! | b: 2!"},
		{"everything accepted leaves nothing", "commit a b a; admit; send a b; ok a b; send a; ok a", "done 3+"},

		{"a failed lane is held with all of it in the log", "commit a a b; admit; send a b; fail a",
			"done 2+ | a: held from 1, 1 failed; | b: 3!"},
		{"what comes later waits behind it", "commit a; admit; send a; fail a; commit a b; admit; send b none",
			"done 2+ | a: held from 1, 1 failed; | b: 3!"},
		{"a failed lane is not tried before its time", "commit a; admit; send a; fail a; send none; wait; send a",
			"done 1+ | a: held from 1, 1 failed; 1!"},
		{"each failure counts", "commit a; admit; send a; fail a; wait; send a; fail a; wait; send a",
			"done 1+ | a: held from 1, 2 failed; 1!"},
		{"the next callback starts without failures", "commit a a; admit; send a; fail a; wait; send a; ok a; send a",
			"done 2+ | a: held from 2, 0 failed; 2!"},
		{"a lane that caught up is held no longer", "commit a a; admit; send a; fail a; wait; send a; ok a; send a; ok a; send none",
			"done 2+"},
		{"a lane that caught up can fail again", "commit a; admit; send a; fail a; wait; send a; ok a; send none; commit a; admit; send a; fail a",
			"done 2+ | a: held from 2, 1 failed;"},
		{"retries leave slots to others", "commit a b; admit; send a b; fail a b; wait; commit c; admit; send a c none",
			"done 2+ | a: held from 1, 1 failed; 1! | b: held from 2, 1 failed; | c: 3!"},

		{"a lane with more than its share is held for being behind", "commit a a a b; admit; send a b none",
			"done 3+ | a: held from 1, 0 failed; 1! 2 | b: 4!"},
		{"a lane that is behind is sent from the log", "commit a a a a; admit; send a; ok a; send a; ok a; send a",
			"done 4+ | a: held from 3, 0 failed; 3! 4"},
		{"a lane that is behind can fail", "commit a a a; admit; send a; fail a", "done 3+ | a: held from 1, 1 failed;"},

		{"an attempt that was broken off is no failure", "commit a; admit; send a; abandon a; send a", "done 0+ | a: 1!"},
		{"a retry that was broken off waits for its turn", "commit a; admit; send a; fail a; wait; send a; abandon a",
			"done 1+ | a: held from 1, 1 failed; 1"},
		{"what nobody wants is settled unsent", "commit a a b; admit; discard a b a", "done 3+"},
		{"a held lane is discarded page by page", "commit a a a a a; admit; discard a a a a a; send none", "done 5+"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, limits{events: 100, bytes: 1 << 20, lane: 2, held: 10, unsaved: 100})
			r.play(c.script)
			if got := r.w.String(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			r.drain()
		})
	}
}

func TestWindowAfterACrash(t *testing.T) {
	cases := []struct{ name, script, want string }{
		{"nothing stored: everything is sent again", "commit a b; admit; send a; ok a; crash; admit; send a", "done 0+ | a: 1! | b: 2"},
		{"what is stored as settled is not sent again", "commit a b c; admit; send a b; ok b; store; crash; admit; send a c none",
			"done 0+2-2 | a: 1! | c: 3!"},
		{"a held lane stays held", "commit a a; admit; send a; fail a; store; crash; admit; send none; wait; send a",
			"done 2+ | a: held from 1, 1 failed; 1! 2"},
		{"a hold that was not stored: the lane is read again", "commit a a; admit; send a; fail a; lose; crash; admit; send a", "done 0+ | a: 1! 2"},
		{"a settlement that failed is in the next one", "commit a a; admit; send a; fail a; lose; store; crash; admit; send none",
			"done 2+ | a: held from 1, 1 failed;"},
		{"a lane that was released stays so", "commit a; admit; send a; fail a; store; wait; send a; ok a; send none; store; crash; admit",
			"done 1+"},
		{"released and held again while a store failed", "commit a; admit; send a; fail a; store; wait; send a; ok a; send none; lose; " +
			"commit a; admit; send a; fail a; store; crash; admit; wait; send a", "done 2+ | a: held from 2, 1 failed; 2!"},
		{"a held lane is sent before the log is read up to it", "commit a b; admit; send a b; fail b; store; crash; wait; send b",
			"done 0+2-2 | b: held from 2, 1 failed; 2!"},
		{"a lane held anew is not sent beyond what was read", "commit a a -; admit; store; crash; read; send a; fail a; wait; send a; ok a; send none",
			"done 1+3-3"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, limits{events: 100, bytes: 1 << 20, lane: 2, held: 10, unsaved: 100})
			r.play(c.script)
			if got := r.w.String(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			r.drain()
		})
	}
}

func TestWindowIsBounded(t *testing.T) {
	size := (&eventlog.Event{Lane: "a", Body: make([]byte, 10)}).Size()
	wide := limits{events: 100, bytes: 1 << 20, lane: 10, held: 10, unsaved: 100}
	cases := []struct {
		name         string
		narrow       func(*limits)
		script, want string
	}{
		{"events", func(l *limits) { l.events = 2 }, "commit a b c; admit; send a b none", "done 0+ | a: 1! | b: 2!"},
		{"bytes", func(l *limits) { l.bytes = 2 * size }, "commit a b c; admit; send a b none", "done 0+ | a: 1! | b: 2!"},
		{"held lanes", func(l *limits) { l.held = 2 }, "commit a b; admit; send a b; fail a b; commit c; admit; send none",
			"done 2+ | a: held from 1, 1 failed; | b: held from 2, 1 failed;"},
		{"attempts that are not stored", func(l *limits) { l.unsaved = 2 }, "commit a b c; admit; send a b none; ok a b; send none; store; send c",
			"done 2+ | c: 3!"},
		{"a page of a held lane when the window is full", func(l *limits) { l.events, l.lane = 2, 1 },
			"commit a a; admit; send a; fail a; commit b c; admit; wait; send a", "done 2+ | a: held from 1, 1 failed; 1! | b: 3 | c: 4"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := wide
			c.narrow(&l)
			r := newRig(t, l)
			r.play(c.script)
			if diff := cmp.Diff(c.want, r.w.String()); diff != "" {
				t.Errorf("window (-want +got):\n%s", diff)
			}
			r.drain()
		})
	}
}

func TestWindowReadsNothingAgainThatTheLogMayHaveForgotten(t *testing.T) {
	cursor, err := eventlog.ParseCursor(5, "7-9")
	if err != nil {
		t.Fatal(err)
	}
	w := newWindow(standardLimits, Position{Cursor: cursor}, noon)
	w.admit(&eventlog.Event{Seq: 6, Lane: "a", Callback: true}, noon)
	l := w.next(noon, 1)
	w.sent(l)
	w.landed(l)
	w.settled(l, noon)
	if w.skipDone(); w.read != 9 {
		t.Errorf("the read position is %d, want 9: the cursor is done with all up to there", w.read)
	}
}
