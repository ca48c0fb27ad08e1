package delivery_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/sqlite"
)

// skips is what the call announces, counted as String counts: " skips 1-3", or nothing.
func (c call) skips() string {
	var from, to int
	if _, err := fmt.Sscanf(c.Header.Get(callback.HeaderSkipped), "%d-%d", &from, &to); err != nil {
		return ""
	}
	if prev := number(c.Header, callback.HeaderRoomPrev); prev != to {
		return fmt.Sprintf(" skips up to %d and follows on %d", to, prev)
	}
	return fmt.Sprintf(" skips %d-%d", from-1, to-1)
}

// whole writes a call with what it announces.
func (c call) whole() string { return c.String() + c.skips() }

// wholes writes the calls of one lane with what they announce.
func wholes(calls []call, lane string) []string {
	var list []string
	for _, c := range calls {
		if c.Lane == lane {
			list = append(list, c.whole())
		}
	}
	return list
}

// announcing are the calls that announce something.
func announcing(calls []call) []string {
	var list []string
	for _, c := range calls {
		if text := c.skips(); text != "" {
			list = append(list, c.whole())
		}
	}
	return list
}

// giveUpAfter sets how long a callback of app1 may fail.
func (w *world) giveUpAfter(d time.Duration) {
	w.t.Helper()
	w.configure(app1, func(a *live.App) { a.Delivery.GiveUpAfter = d })
}

// letters are the dead letters of an App's callback, as the store has them.
func (w *world) letters(id live.AppID) []eventlog.Event {
	w.t.Helper()
	return w.lettersOf(delivery.ReaderID{App: id, Name: delivery.CallbackReader})
}

func (w *world) lettersOf(id delivery.ReaderID) []eventlog.Event {
	w.t.Helper()
	list, after := []eventlog.Event(nil), int64(0)
	for {
		ask := delivery.Redelivery{Reader: id.Name, From: after + 1, To: math.MaxInt64 - 1, DeadOnly: true}
		page, err := w.db.ReadAgain(context.Background(), id.App, ask, delivery.Page{Events: 1000, Bytes: 1 << 30})
		if err != nil {
			w.t.Fatal(err)
		}
		if len(page) == 0 {
			return list
		}
		list, after = append(list, page...), page[len(page)-1].Seq
	}
}

// dead names the dead letters of app1, as calls are named.
func (w *world) dead() []string {
	w.t.Helper()
	var list []string
	for _, e := range w.letters(app1) {
		list = append(list, fmt.Sprintf("%s.%d", e.Lane, e.RoomSeq-1))
	}
	return list
}

// buried are the dead letters that were stored since the store was opened, by number.
func (l *faultyLog) buried() map[int64]eventlog.Dead {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := map[int64]eventlog.Dead{}
	for _, s := range l.settled {
		for _, d := range s.Dead {
			list[d.Seq] = d
		}
	}
	return list
}

// log is what the log of an App has.
func (w *world) log(id live.AppID) []eventlog.Event {
	w.t.Helper()
	list, after := []eventlog.Event(nil), int64(0)
	for {
		page, _, err := w.db.Read(context.Background(), id, after, delivery.Page{Events: 1000, Bytes: 1 << 30})
		if err != nil {
			w.t.Fatal(err)
		}
		if len(page) == 0 {
			return list
		}
		list = append(list, page...)
		if after == 0 {
			after = page[0].Seq - 1
		}
		after += int64(len(page))
	}
}

// seqs are the first and the last number of a log, "none" when it is empty.
func seqs(log []eventlog.Event) string {
	if len(log) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d-%d", log[0].Seq, log[len(log)-1].Seq)
}

// keep is an option: the log is kept so long.
func keep(log time.Duration) func(*delivery.Options) {
	return func(o *delivery.Options) {
		o.Retention = delivery.RetentionOptions{Store: o.Log.(*faultyLog).Log.(*sqlite.DB), Log: log}
	}
}

// failing answers the calls of these lanes with 500 and accepts all others.
func failing(lanes ...string) func(call) reply {
	return func(c call) reply {
		for _, name := range lanes {
			if c.Lane == name {
				return status(500)
			}
		}
		return nil
	}
}

// alive changes a room each second for a while: the App backend accepts something all the time.
func (w *world) alive(room live.RoomID, d time.Duration) {
	w.t.Helper()
	for range int(d / time.Second) {
		w.modify(room, 1)
		w.pass(time.Second)
	}
}

// deleteCallback takes the configuration away, and setCallback configures it anew.
func (w *world) deleteCallback() {
	w.t.Helper()
	w.do(app1, live.DeleteCallback{})
}

func (w *world) setCallback() {
	w.t.Helper()
	commands := []string{string(callback.CommandAfterModifyAdmin)}
	w.do(app1, live.SetCallback{Callback: live.Callback{URL: secretURL, Commands: commands}})
}

// the callback reader of app1.
var reader1 = delivery.ReaderID{App: app1, Name: delivery.CallbackReader}

// wantRest fails when a reader still has a goroutine.
func (w *world) wantRest(when string) {
	w.t.Helper()
	if n := w.d.Running(); n != 0 {
		w.t.Errorf("%s: %d readers have a goroutine, want none", when, n)
	}
	if n := w.d.Used(); n != 0 {
		w.t.Errorf("%s: %d bytes of events are in memory, want none", when, n)
	}
}

func count(list []string, part string) int {
	n := 0
	for _, s := range list {
		if strings.Contains(s, part) {
			n++
		}
	}
	return n
}

// room is a room of app1, nil when there is none.
func (w *world) room(id live.RoomID) *live.Room {
	w.t.Helper()
	r, err := w.db.Room(context.Background(), app1, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}
