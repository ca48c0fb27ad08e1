package bench

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// check refuses an arrival whose parts contradict each other, and returns the indexes of its App and its room.
func (a *arrival) check() (app, room int, err error) {
	app = int(a.app) - firstApp
	name, ok := strings.CutPrefix(a.lane, string(roomPrefix))
	room, err = strconv.Atoi(name)
	switch {
	case app < 0 || app >= maxApps:
		return 0, 0, fmt.Errorf("%q is of an App that nobody has: %d", a.id, a.app)
	case !ok || err != nil || room < 0 || room > maxSeq:
		return 0, 0, fmt.Errorf("%q has the lane %q, which nobody has", a.id, a.lane)
	case !a.named():
		return 0, 0, fmt.Errorf("%q has the log %q and the number %d", a.id, a.log, a.seq)
	case a.seq < 1 || a.seq > maxSeq || a.prev < 0 || a.prev >= a.seq:
		return 0, 0, fmt.Errorf("%q follows on the number %d", a.id, a.prev)
	case a.roomSeq < 1 || a.roomPrev < 0 || a.roomPrev >= a.roomSeq:
		return 0, 0, fmt.Errorf("%q has Room-Seq %d and Room-Prev %d", a.id, a.roomSeq, a.roomPrev)
	case a.attempt < 1:
		return 0, 0, fmt.Errorf("%q is attempt %d", a.id, a.attempt)
	case string(field(a.body, `"RoomId":"`)) != a.lane:
		return 0, 0, fmt.Errorf("%q has the lane %q and another RoomId in its body", a.id, a.lane)
	}
	return app, room, nil
}

// named tells whether the event id is made of the SDKAppID, the log and the number.
func (a *arrival) named() bool {
	var room [64]byte
	b := strconv.AppendUint(room[:0], uint64(a.app), 10)
	b = append(append(append(b, '-'), a.log...), '-')
	return string(strconv.AppendInt(b, a.seq, 10)) == a.id
}

// await returns when n callbacks have come. Otherwise it returns an error: when ctx ends, or when none has come for as
// long as stall.
func (l *ledger) await(ctx context.Context, n int, stall time.Duration) error {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	seen, since := int64(-1), time.Now()
	for {
		count := l.count.Load()
		if count >= int64(n) {
			return nil
		}
		if count != seen {
			seen, since = count, time.Now()
		}
		if time.Since(since) > stall {
			return fmt.Errorf("%d of %d callbacks came, and none for %v", count, n, stall)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d callbacks came: %w", count, n, ctx.Err())
		case <-look.C:
		}
	}
}

// rate is callbacks a second from the first arrival to the last; 0 with less than two.
func (l *ledger) rate() float64 {
	n, took := l.count.Load(), time.Duration(l.last.Load()-l.first.Load())
	if n < 2 || took <= 0 {
		return 0
	}
	return float64(n-1) / took.Seconds()
}

// again makes the next arrival count as the first.
func (l *ledger) again() { l.first.Store(0) }

// firstAt and lastAt are when the first and the last callback came.
func (l *ledger) firstAt() time.Time { return l.begun.Add(time.Duration(l.first.Load())) }
func (l *ledger) lastAt() time.Time  { return l.begun.Add(time.Duration(l.last.Load())) }

// verdict returns what was wrong: nothing, when exactly the callbacks that were expected came, each lane in its order.
// more is how many beyond may have come: those of calls whose outcome is not known.
func (l *ledger) verdict(expected, more int) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	count := int(l.count.Load())
	missing := expected - count
	if l.hang == nil { // callbacks that are not answered are named too
		missing = max(missing, l.missing())
	}
	list := slices.Clone(l.samples)
	for _, kind := range []string{reorder, gap, altered, overtake, strange} {
		if n := l.problems[kind]; n > 0 {
			list = append(list, fmt.Sprintf("%d callbacks %s", n, kind))
		}
	}
	if missing > 0 {
		list = append(list, fmt.Sprintf("%d callbacks %s: %d came of %d", missing, lost, count, expected))
	}
	if count > expected+more {
		list = append(list, fmt.Sprintf("%d callbacks came, and there are %d", count, expected))
	}
	return list
}

// missing counts the callbacks that others name as the one before them and that never came.
func (l *ledger) missing() int {
	n := 0
	for i := range l.apps {
		n += l.apps[i].missing(l.past.seq)
	}
	return n
}

func (b *appBook) missing(past int64) int {
	n := 0
	for r := range b.rows.seen {
		if r.prev > past && b.rows.at(r.prev).sum == 0 {
			n++
		}
	}
	return n
}
