package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

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
		page, _, err := s.Read(ctx(), id, c.last, delivery.Page{Events: 3, Bytes: 1 << 20})
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

// forgetWhileWriting forgets all that may go, on every handle, while others write and one reader settles: whoever follows
// the log sees every number once, because nothing goes before the reader is done with it.
func forgetWhileWriting(t *suite) {
	t.newApps(app1, app2)
	handles := t.handles()
	written := t.writeAll(handles)
	settled := make(chan struct{})
	var forgetting sync.WaitGroup
	var gone atomic.Int64
	for i, s := range handles {
		forgetting.Go(func() {
			n, err := forgetUntil(s, settled)
			if err != nil {
				t.Errorf("forget on handle %d: %v", i, err)
			}
			gone.Add(n)
		})
	}
	total := int64(0)
	for _, id := range []live.AppID{app1, app2} {
		n, err := settleBehind(t.s, id, written)
		t.must(err)
		total += n
	}
	close(settled)
	forgetting.Wait()
	t.same("events settled", total, int64(len(handles)*writersPerHandle*eventsPerWriter()))
	t.same("events forgotten", gone.Load(), total)
	for _, id := range []live.AppID{app1, app2} {
		t.same("log of "+id.String(), t.log(id), []eventlog.Event{})
	}
	// The numbers go on above all that there were.
	sum := t.write(app1, "new", true)[0].Seq + t.write(app2, "new", true)[0].Seq
	t.same("numbers after all was forgotten", sum, total+2)
}

// forgetUntil forgets in small steps; after done was closed until nothing may go any more.
func forgetUntil(s Store, done <-chan struct{}) (gone int64, err error) {
	for {
		over := false
		select {
		case <-done:
			over = true
		default:
		}
		step := 0
		for _, id := range []live.AppID{app1, app2} {
			n, err := s.Forget(ctx(), id, 1<<40, 7)
			if err != nil {
				return gone, err
			}
			step += n
		}
		if gone += int64(step); step == 0 && over {
			return gone, nil
		}
	}
}

// settleBehind follows a log and settles what it has read, until it finds nothing after written was closed. Lanes are not
// checked for gaps: those of rooms that were forgotten go on higher.
func settleBehind(s Store, id live.AppID, written <-chan struct{}) (int64, error) {
	p, err := s.Open(ctx(), callbackReader(id))
	if err != nil {
		return 0, err
	}
	last, lanes := int64(0), map[eventlog.Lane]int64{}
	for {
		over := false
		select {
		case <-written:
			over = true
		default:
		}
		page, _, err := s.Read(ctx(), id, last, delivery.Page{Events: 5, Bytes: 1 << 20})
		if err != nil || len(page) == 0 && over {
			return last, err
		}
		for _, e := range page {
			if e.Seq != last+1 || e.RoomSeq <= lanes[e.Lane] {
				return last, fmt.Errorf("event %d of lane %s has room_seq %d, after %d and %d", e.Seq, e.Lane, e.RoomSeq, last, lanes[e.Lane])
			}
			last, lanes[e.Lane] = e.Seq, e.RoomSeq
		}
		if _, err := s.Settle(ctx(), []delivery.Settlement{{Reader: callbackReader(id), Fence: p.Fence, Cursor: eventlog.NewCursor(last)}}); err != nil {
			return last, err
		}
	}
}

// redeliverWhileForgetting asks for redeliveries while the log is being forgotten: what one finds at first stays until it
// has settled it.
func redeliverWhileForgetting(t *suite) {
	const each, count = 5, 400
	t.newApps(app1)
	t.write(app1, "r", slices.Repeat([]bool{true}, count)...)
	t.settleTo(app1, count)
	handles := t.handles()
	done := make(chan struct{})
	var forgetting, sending sync.WaitGroup
	for i, s := range handles {
		forgetting.Go(func() {
			if _, err := forgetUntil(s, done); err != nil {
				t.Errorf("forget on handle %d: %v", i, err)
			}
		})
		for range 2 {
			sending.Go(func() {
				for from := range int64(each) {
					if err := sendAgain(s, 1+from*count/each); err != nil {
						t.Errorf("handle %d: %v", i, err)
					}
				}
			})
		}
	}
	sending.Wait()
	close(done)
	forgetting.Wait()
	t.same("log", t.log(app1), []eventlog.Event{})
	t.same("pending", t.pendingReaders(app1), []string{})
}

func sendAgain(s Store, from int64) error {
	r := delivery.Redelivery{From: from, To: 1 << 40, At: day(1)}
	id, err := s.Redeliver(ctx(), app1, r)
	if err != nil {
		return err
	}
	p, err := s.Open(ctx(), id)
	if err != nil {
		return err
	}
	page := delivery.Page{Events: 50, Bytes: 1 << 20}
	found, err := s.ReadAgain(ctx(), app1, r, ample)
	for len(found) > 0 && err == nil {
		var again []eventlog.Event
		if again, err = s.ReadAgain(ctx(), app1, r, page); err != nil {
			return err
		}
		if n := min(len(found), page.Events); diff(again, found[:n]) != "" {
			return fmt.Errorf("%s from %d on: %v, want %v", id.Name, r.From, seqs(again), seqs(found[:n]))
		}
		found = found[len(again):]
		r.From = again[len(again)-1].Seq + 1
		_, err = s.Settle(ctx(), []delivery.Settlement{{Reader: id, Fence: p.Fence, Cursor: eventlog.NewCursor(r.From - 1)}})
	}
	if err != nil {
		return err
	}
	_, err = s.Settle(ctx(), []delivery.Settlement{{Reader: id, Fence: p.Fence, Cursor: eventlog.NewCursor(r.From - 1), Finished: true}})
	return err
}
