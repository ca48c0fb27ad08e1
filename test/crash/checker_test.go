package crash

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCheckAcceptsAPerfectBackend(t *testing.T) {
	for _, h := range []*history{story(), sequel()} {
		for _, text := range check(h) {
			t.Error(text)
		}
	}
}

// Numbers in the table are those of the arrivals and of the calls of story.
func TestCheckReportsEveryBrokenPromise(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(h *history)
		want  string // begins one of the findings
	}{
		{"a lost callback", func(h *history) { h.lose(1) }, "lost: 1400000001-abcdefgh-4 has Callboard-Prev 2"},
		{"a lost callback shows in its lane", func(h *history) { h.lose(1) }, "gap: lane r"},
		{"a lost callback, its call answered OK", func(h *history) { h.lose(1) }, "lost: no state of room r"},
		{"a lost callback of a call with unknown outcome", func(h *history) { h.lose(4) }, "gap: lane r"},
		{"the newest callback is lost", func(h *history) { h.lose(11) }, "lost: no state of room s"},
		{"the newest callback was never accepted", func(h *history) { h.arrivals[11].accepted = 0 }, "lost: lane s"},
		{"two callbacks reordered", func(h *history) { h.swap(1, 2) }, "reordered: lane r"},
		{"a callback sent before the one before it was accepted", func(h *history) { h.arrivals[0].accepted = h.arrivals[2].at }, "overtaken: lane r"},
		{"a callback sent although the one before it was refused", func(h *history) { h.arrivals[0].accepted = 0 }, "overtaken: lane r"},
		{"a repeat with another body", func(h *history) { h.arrivals[3].body[0]++ }, "altered: event"},
		{"a repeat with another number", func(h *history) { h.arrivals[3].head.RoomSeq++ }, "altered: event"},
		{"another account than was asked for", func(h *history) { h.arrivals[1].change.Accounts = []string{"bert", "mallory"} }, "altered: 1400000001-abcdefgh-2"},
		{"another operation", func(h *history) { h.arrivals[2].change.Op = "add" }, "altered: 1400000001-abcdefgh-4"},
		{"another operator", func(h *history) { h.arrivals[2].change.Operator = "w1" }, "altered: 1400000001-abcdefgh-4"},
		{"a wrong Room-State", func(h *history) { h.arrivals[2].head.State = h.arrivals[1].head.State }, "state: 1400000001-abcdefgh-4"},
		{"a Room-State of a destroyed room", func(h *history) { h.arrivals[8].head.State = h.arrivals[7].head.State }, "state: 1400000001-abcdefgh-9"},
		{"an invented callback", func(h *history) { h.add(11, "Id-99") }, "invented: no call asked for 1400000001-abcdefgh-13"},
		{"a callback made twice", func(h *history) { h.add(11, h.arrivals[11].head.Cause) }, "altered: 1400000001-abcdefgh-12"},
		{"a callback of a refused call", func(h *history) { h.calls[1].outcome, h.calls[1].code = refused, 100020 }, "invented: 1400000001-abcdefgh-2 was caused by a call that was refused"},
		{"a callback in another lane", func(h *history) { h.arrivals[7].head.Lane = "r" }, "event 1400000001-abcdefgh-8 of room s arrived in lane r"},
		{"another log", func(h *history) { h.arrivals[11].head.Log = "other234" }, "event 1400000001-abcdefgh-12 is of another log"},
		{"an event id of other numbers", func(h *history) { h.arrivals[0].head.ID = "1400000001-abcdefgh-77" }, "event 1400000001-abcdefgh-77 has"},
		{"an EventTime that goes back", func(h *history) { h.arrivals[10].time = 1 }, "lane r: the EventTime"},
		{"a number that was burnt", func(h *history) { h.arrivals[11].head.RoomSeq++ }, "numbers: room s"},
		{"an update that was lost", func(h *history) { h.calls[4].room = "s" }, "numbers: room s"},
		{"an answer that rests on a change that is not there", func(h *history) { h.calls[8].accounts = []string{"carl"} }, "lost: no state of room r"},
		{"a refusal without a reason", func(h *history) { h.calls[2].accounts = []string{"ines"} }, "lost: no state of room r"},
		{"a room that reads back otherwise", func(h *history) { h.last(opList).read = []string{"carl", "dora"} }, "lost: no state of room r"},
		{"an owner that reads back otherwise", func(h *history) { h.last(opInfo).read = []string{"fred"} }, "lost: no state of room s"},
		{"a change numbered before one that was over", func(h *history) { h.calls[1].start, h.calls[1].end = 1000, 1001 }, "reordered: 1400000001-abcdefgh-2"},
		{"an unknown call that happened after the end of its process", func(h *history) { h.calls[6].start, h.calls[6].end = 1, 2 }, "invented: no call asked for 1400000001-abcdefgh-5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := story()
			test.spoil(h)
			found := check(h)
			if !slices.ContainsFunc(found, func(text string) bool { return strings.HasPrefix(text, test.want) }) {
				t.Errorf("no finding begins with %q; got %q", test.want, found)
			}
		})
	}
}

// Events in the table are those of sequel.
func TestCheckReportsEveryBrokenPromiseOfOperation(t *testing.T) {
	const event = "1400000001-abcdefgh-"
	for _, test := range []struct {
		name  string
		spoil func(h *history)
		want  string // begins one of the findings
	}{
		{"a callback that was given up and is not announced", func(h *history) { h.arrivals[8].skip = span{} }, "overtaken: lane r: " + event + "5"},
		{"an announcement that leaves before it was accepted", func(h *history) { h.tellNothing(8) }, "silent: lane r: " + event + "3"},
		{"an announcement of what was accepted", func(h *history) { h.arrivals[8].skip.from = 1 }, "announced: " + event + "5 in life 1 announces " + event + "1"},
		{"an announcement that stops too early", func(h *history) { h.arrivals[8].skip.to = 2 }, "announced: " + event + "5 with Room-Prev 3"},
		{"an announcement that goes too far", func(h *history) { h.arrivals[8].skip.to = 4 }, "announced: " + event + "5 with Room-Prev 3"},
		{"an announcement that begins too late", func(h *history) { h.arrivals[8].skip.from = 3 }, "overtaken: lane r: " + event + "5"},
		{"an announcement that begins with no event", func(h *history) { h.arrivals[8].skip.from = 77 }, "announced: " + event + "5 with Room-Prev 3"},
		{"an announcement of what was given up in a later life", func(h *history) { h.burials[0].life = 2 }, "announced: " + event + "5 in life 1 announces " + event + "3"},
		{"an announcement of what nobody gave up", func(h *history) { h.burials = h.burials[1:] }, "announced: " + event + "5 in life 1 announces " + event + "3"},
		{"an announcement of what was accepted last", func(h *history) { h.arrivals[4].accepted = h.arrivals[5].at }, "announced: " + event + "5 in life 1 announces " + event + "3, whose"},
		{"an announcement made without need", func(h *history) { h.arrivals[29].skip.from = 3 }, "announced: " + event + "11 in life 3 announces " + event + "7"},
		{"what stands before an announced range was not accepted", func(h *history) { h.arrivals[0].accepted = h.arrivals[9].at }, "overtaken: lane r: " + event + "5"},
		{"given up after two attempts", func(h *history) { h.burials[0].attempts = 2 }, "given up: " + event + "3"},
		{"given up where nothing is", func(h *history) { h.patient = true }, "given up: " + event + "3"},
		{"given up, accepted, and given up for good", func(h *history) { h.burials[3].life = 3 }, "silent: lane r: " + event + "8"},
		{"a dead letter that is lost", func(h *history) { h.arrivals[30].accepted = 0 }, "lost: lane s: " + event + "10"},
		{"a dead letter that nobody ever saw", func(h *history) { h.forget(10) }, "lost: " + event + "10 was given up in life 3 and never arrived"},
		{"a replay in place of a delivery", func(h *history) { h.arrivals[0].again = true }, "overtaken: lane r: " + event + "3"},
		{"a replay with another body", func(h *history) { h.arrivals[10].body[0]++ }, "altered: event " + event + "2"},
		{"a replay with other numbers", func(h *history) { h.arrivals[10].head.RoomPrev++ }, "altered: event " + event + "2"},
		{"a replay that announces", func(h *history) { h.arrivals[13].skip = h.arrivals[8].skip }, "replay: " + event + "5 announces"},
		{"a replay that nobody asked for", func(h *history) { h.asks = h.asks[1:] }, "replay: nobody had asked for " + event + "1"},
		{"a replay before somebody asked", func(h *history) { h.asks[2].start = h.arrivals[23].at + 1 }, "replay: nobody had asked for " + event + "7"},
		{"a replay after an ask that was refused", func(h *history) { h.asks[0].outcome = refused }, "replay: nobody had asked for " + event + "1"},
		{"a replay above what was asked for", func(h *history) { h.asks[0].to = 4 }, "replay: nobody had asked for " + event + "5"},
		{"a replay below what was asked for", func(h *history) { h.asks[0].from = 2 }, "replay: nobody had asked for " + event + "1"},
		{"a replay of another lane", func(h *history) { h.asks[2].lane = "r" }, "replay: nobody had asked for " + event + "7"},
		{"a replay of what is no dead letter", func(h *history) { h.asks[0].deadOnly = true }, "replay: nobody had asked for " + event + "1"},
		{"a replay of what came after the asking", func(h *history) { h.arrivals[24].again = true; h.asks[0].end = h.arrivals[14].at }, "replay: nobody had asked for " + event + "8"},
		{"a redelivery that leaves something out", func(h *history) { h.lose(9) }, "replay: 1 callbacks, " + event + "1 for one"},
		{"a redelivery that a kill ended", func(h *history) { h.lose(23); h.lose(22) }, "replay: 2 callbacks"},
		{"a dead letter that stays", func(h *history) { h.arrivals[30].at = h.emptied + 1 }, "replay: the dead letter of " + event + "10"},
		{"a pause that ends with its process", func(h *history) { h.asks[3].start = h.arrivals[25].at }, "paused: " + event + "8 arrived in life 3"},
		{"a pause that ends though resume was refused", func(h *history) { h.asks[3].outcome = refused }, "paused: " + event + "8 arrived in life 3"},
		{"a pause after which a lane goes on", func(h *history) { h.asks[1].end = h.arrivals[15].at }, "paused: " + event + "7 arrived in life 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := sequel()
			test.spoil(h)
			found := check(h)
			if !slices.ContainsFunc(found, func(text string) bool { return strings.HasPrefix(text, test.want) }) {
				t.Errorf("no finding begins with %q; got %q", test.want, found)
			}
		})
	}
}

func TestCheckAcceptsWhatKillsAndAgeExplain(t *testing.T) {
	const hour = time.Hour
	old := func(h *history) { // the rest of the history is an hour after event 3
		h.keeps = hour
		for _, a := range h.arrivals[5:] {
			a.wall = a.wall.Add(hour)
		}
	}
	for name, change := range map[string]func(h *history){
		"nothing to explain":                   func(*history) {},
		"a pause without an answer":            func(h *history) { h.asks[1].outcome = unknown; h.asks = slices.Delete(h.asks, 3, 4) },
		"a resume without an answer":           func(h *history) { h.asks[3].outcome = unknown },
		"a redelivery without an answer":       func(h *history) { h.asks[0].outcome = unknown; h.lose(9) },
		"a redelivery that gave a callback up": func(h *history) { h.asks[0].reader = "redelivery-1"; h.giveUpAgain(9) },
		"an answer that came too late to be read": func(h *history) {
			h.arrivals[4].accepted = h.arrivals[5].at
			h.burials[0].reason = "timeout: no answer"
		},
		"dead letters by age":                               func(h *history) { old(h); h.burials = h.burials[2:] },
		"an announcement that was forgotten with its event": func(h *history) { old(h); h.arrivals[8].skip = span{} },
	} {
		t.Run(name, func(t *testing.T) {
			h := sequel()
			change(h)
			for _, text := range check(h) {
				t.Error(text)
			}
		})
	}
}

// tellNothing makes an arrival one that was not accepted; the accepted one that follows announces nothing.
func (h *history) tellNothing(i int) {
	again := *h.arrivals[i]
	again.skip = span{}
	h.arrivals[i].accepted = 0
	h.arrivals = slices.Insert(h.arrivals, i+1, &again)
}

// giveUpAgain takes away a replay that a redelivery gave up before it arrived.
func (h *history) giveUpAgain(i int) {
	h.burials = append(h.burials, burial{1, h.arrivals[i].head.ID, "redelivery-1", attemptsToGiveUp, "refused"})
	h.lose(i)
}

// forget removes all arrivals of an event.
func (h *history) forget(seq int64) {
	h.arrivals = slices.DeleteFunc(h.arrivals, func(a *arrival) bool { return a.head.Seq == seq })
}

// lose removes an arrival.
func (h *history) lose(i int) { h.arrivals = slices.Delete(h.arrivals, i, i+1) }

// swap exchanges two arrivals in time.
func (h *history) swap(i, k int) {
	a, b := h.arrivals[i], h.arrivals[k]
	a.at, a.accepted, b.at, b.accepted = b.at, b.accepted, a.at, a.accepted
	h.arrivals[i], h.arrivals[k] = b, a
}

// add lets a callback arrive that follows on another one.
func (h *history) add(after int, cause string) {
	a := *h.arrivals[after]
	a.at, a.accepted = a.accepted+1, a.accepted+2
	a.head.Prev, a.head.RoomPrev = a.head.Seq, a.head.RoomSeq
	a.head.Seq++
	a.head.RoomSeq++
	a.head.Cause = cause
	a.head.ID = "1400000001-abcdefgh-13"
	h.arrivals = append(h.arrivals, &a)
}

// last is the last call of a kind.
func (h *history) last(o op) *call {
	for i := len(h.calls) - 1; i >= 0; i-- {
		if h.calls[i].op == o {
			return h.calls[i]
		}
	}
	return nil
}
