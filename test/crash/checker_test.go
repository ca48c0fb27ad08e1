package crash

import (
	"slices"
	"strings"
	"testing"
)

func TestCheckAcceptsAPerfectBackend(t *testing.T) {
	for _, text := range check(story()) {
		t.Error(text)
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
