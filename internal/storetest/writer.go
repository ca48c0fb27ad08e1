package storetest

import (
	"fmt"
	"sync"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

const (
	writersPerHandle = 4
	commitsPerWriter = 20
)

// writeAll lets several goroutines on each handle write to the same rooms of two Apps. The channel is closed when all
// have ended; errors are reported before.
func (t *suite) writeAll(handles []Store) <-chan struct{} {
	var writers sync.WaitGroup
	for h, s := range handles {
		for w := range writersPerHandle {
			writers.Go(func() {
				for i := range commitsPerWriter {
					id, r := []live.AppID{app1, app2}[i%2], live.RoomID(fmt.Sprintf("room%d", (h+w+i)%3))
					callbacks := []bool{true, i%3 == 0, false}[:1+i%3]
					if _, err := write(s, id, r, i%7 == 6, callbacks...); err != nil {
						t.Errorf("handle %d, writer %d, commit %d: %v", h, w, i, err)
						return
					}
				}
			})
		}
	}
	done := make(chan struct{})
	go func() {
		writers.Wait()
		close(done)
	}()
	return done
}

// eventsPerWriter is what one writer of writeAll adds to both logs together.
func eventsPerWriter() int {
	n := 0
	for i := range commitsPerWriter {
		n += 1 + i%3
	}
	return n
}

// chain checks events in the order in which a reader gets them: numbers without gaps, and prev, room_seq and room_prev
// that lead from one to the next.
type chain struct {
	last     int64
	callback int64
	lanes    map[eventlog.Lane]eventlog.LaneState
}

func (c *chain) next(e eventlog.Event) error {
	lane := c.lanes[e.Lane]
	got := row{e.Seq, e.Prev, e.RoomSeq, e.RoomPrev}
	if want := (row{c.last + 1, c.callback, lane.Seq + 1, lane.Callback}); got != want {
		return fmt.Errorf("event of lane %s is %+v, want %+v", e.Lane, got, want)
	}
	c.last = e.Seq
	if e.Callback {
		c.callback = e.Seq
	}
	if c.lanes == nil {
		c.lanes = map[eventlog.Lane]eventlog.LaneState{}
	}
	c.lanes[e.Lane] = eventlog.After(&e)
	return nil
}

func concurrentWriters(t *suite) {
	t.newApps(app1, app2)
	handles := t.handles()
	<-t.writeAll(handles)
	total := 0
	for _, id := range []live.AppID{app1, app2} {
		var c chain
		for _, e := range t.log(id) {
			t.must(c.next(e))
		}
		total += int(c.last)
		for lane, state := range c.lanes {
			r, _ := lane.Room()
			t.same("lane state of "+r, t.load(id, live.RoomID(r)).Rooms[0].Lane, state)
		}
	}
	t.same("events in all", total, len(handles)*writersPerHandle*eventsPerWriter())
}

// follower reads on every handle while others write. A number that is committed after a larger one would be passed by.
func follower(t *suite) {
	t.newApps(app1, app2)
	handles := t.handles()
	done := t.writeAll(handles)
	seen := make([]int64, len(handles))
	var followers sync.WaitGroup
	for i, s := range handles {
		followers.Go(func() {
			for _, id := range []live.AppID{app1, app2} {
				n, err := follow(s, id, done)
				if err != nil {
					t.Errorf("handle %d: %v", i, err)
					return
				}
				seen[i] += n
			}
		})
	}
	<-done
	followers.Wait()
	for i := range handles {
		t.same(fmt.Sprintf("events seen on handle %d", i), seen[i], int64(len(handles)*writersPerHandle*eventsPerWriter()))
	}
}

// follow reads the log in small pages until it finds nothing after done was closed.
func follow(s Store, id live.AppID, done <-chan struct{}) (int64, error) {
	var c chain
	for {
		over := false
		select {
		case <-done:
			over = true
		default:
		}
		page, err := s.Read(ctx(), id, c.last, delivery.Page{Events: 3, Bytes: 1 << 20})
		if err != nil {
			return 0, err
		}
		for _, e := range page {
			if err := c.next(e); err != nil {
				return 0, err
			}
		}
		if len(page) == 0 && over {
			return c.last, nil
		}
	}
}

// concurrentOpens lets two at a time take a reader: only who opened last may settle.
func concurrentOpens(t *suite) {
	t.newApps(app1)
	handles := t.handles()
	const each = 4
	positions := make([]delivery.Position, each*len(handles))
	var openers sync.WaitGroup
	for i := range positions {
		openers.Go(func() {
			p, err := handles[i%len(handles)].Open(ctx(), callbackReader(app1))
			if err != nil {
				t.Errorf("open %d: %v", i, err)
			}
			positions[i] = p
		})
	}
	openers.Wait()
	settled := 0
	for i, p := range positions {
		s := delivery.Settlement{Reader: callbackReader(app1), Fence: p.Fence, Cursor: eventlog.NewCursor(int64(i + 1))}
		fenced, err := handles[i%len(handles)].Settle(ctx(), []delivery.Settlement{s})
		t.must(err)
		settled += 1 - len(fenced)
	}
	t.same("openers that may settle", settled, 1)
}
