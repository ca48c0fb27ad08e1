package delivery

import (
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/eventlog"
)

// numbered are events with the numbers from one to another, each with a body of size bytes.
func numbered(from, to int64, size int) []eventlog.Event {
	var list []eventlog.Event
	for seq := from; seq <= to; seq++ {
		list = append(list, eventlog.Event{Seq: seq, Body: make([]byte, size)})
	}
	return list
}

func TestInboxGivesWhatFollowsAndTellsWhenSomethingIsMissing(t *testing.T) {
	type taken struct {
		First, Last int64
		Follows     bool
	}
	cases := []struct {
		name string
		do   func(*inbox)
		want taken
	}{
		{"a reader that does not follow yet gets nothing", func(b *inbox) { b.put(numbered(1, 2, 0)) }, taken{}},
		{"what follows", func(b *inbox) { b.follow(5); b.put(numbered(5, 6, 0)); b.put(numbered(7, 7, 0)) }, taken{5, 7, true}},
		{"nothing new", func(b *inbox) { b.follow(5) }, taken{0, 0, true}},
		{"a gap", func(b *inbox) { b.follow(5); b.put(numbered(5, 5, 0)); b.put(numbered(7, 7, 0)) }, taken{5, 5, false}},
		{"what comes after a gap is not taken", func(b *inbox) {
			b.follow(5)
			b.put(numbered(6, 6, 0))
			b.put(numbered(7, 7, 0))
		}, taken{}},
		{"what was there before", func(b *inbox) { b.follow(5); b.put(numbered(4, 5, 0)) }, taken{}},
		{"as many as fit", func(b *inbox) { b.follow(1); b.put(numbered(1, inboxEvents, 0)) }, taken{1, inboxEvents, true}},
		{"too many", func(b *inbox) { b.follow(1); b.put(numbered(1, 1, 0)); b.put(numbered(2, inboxEvents+1, 0)) }, taken{1, 1, false}},
		{"too many bytes", func(b *inbox) { b.follow(1); b.put(numbered(1, 2, inboxBytes/2)) }, taken{}},
		{"one that is too large", func(b *inbox) { b.follow(1); b.put(numbered(1, 1, inboxBytes)) }, taken{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newInbox(new(atomic.Int64), 64<<20)
			c.do(b)
			events, follows := b.take()
			got := taken{Follows: follows}
			if len(events) > 0 {
				got.First, got.Last = events[0].Seq, events[len(events)-1].Seq
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("taken (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAReaderDoesNotFollowAnInboxThatDroppedSomethingWhileItReadTheLog(t *testing.T) {
	b := newInbox(new(atomic.Int64), 64<<20)
	b.reading()
	b.put(numbered(8, 8, 0)) // committed after the log was read
	if b.follow(8) {
		t.Error("the reader follows, and event 8 is lost to it")
	}
	if b.empty() {
		t.Error("the inbox is empty, and the reader may rest")
	}
	b.reading()
	if !b.follow(9) || !b.empty() {
		t.Error("the reader does not follow after it has read again")
	}
}

func TestAnInboxWakesItsReaderOnceForWhateverCame(t *testing.T) {
	b := newInbox(new(atomic.Int64), 64<<20)
	b.follow(1)
	b.put(numbered(1, 1, 0))
	b.put(numbered(3, 3, 0))
	if got := len(b.wake); got != 1 {
		t.Errorf("%d tokens, want 1", got)
	}
}

func TestQueueOfReadyLanesGivesItsMemoryBack(t *testing.T) {
	var q fifo
	for range 5000 {
		q.push(&lane{})
	}
	for n := range 1_000_000 { // never empty
		q.push(q.pop())
		if len(q.lanes) > 20_000 {
			t.Fatalf("the queue has %d places for 5000 lanes after %d turns", len(q.lanes), n)
		}
	}
}
