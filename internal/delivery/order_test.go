package delivery_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
)

func TestLanesDoNotWaitForEachOther(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.backend.reply(lane("r1", after(3*time.Second, accept)))
		w.modify("r1", 2)
		w.modify("r2", 3)
		w.wantCalls("r1.1", "r2.1", "r2.2", "r2.3")
		w.pass(3 * time.Second)
		w.wantCalls("r1.2")
	})
}

func TestAppsDoNotWaitForEachOthersBackends(t *testing.T) {
	inWorld(t, func(w *world) {
		w.configure(app2, nil)
		w.create("r1")
		w.do(app2, live.CreateRoom{Room: "r1", Type: live.RoomType, Owner: "owner"})
		w.backend.reply(func(c call) reply {
			if c.App == app1.String() {
				return hang
			}
			return accept
		})
		w.modify("r1", 2)
		w.modifyOf(app2, "r1", 2)
		synctest.Wait()
		got := map[string]int{}
		for _, c := range w.backend.all() {
			got[c.App]++
		}
		if diff := cmp.Diff(map[string]int{app1.String(): 1, app2.String(): 2}, got); diff != "" {
			t.Errorf("calls of each App (-want +got):\n%s", diff)
		}
	})
}

func TestFirstArrivalsOfALaneAreInOrderAndOneAtATime(t *testing.T) {
	const rooms, changes = 5, 12
	inWorld(t, func(w *world) {
		// Answers of uneven speed; some callbacks fail at first.
		w.backend.reply(func(c call) reply {
			answer := reply(accept)
			if c.Attempt <= (c.RoomSeq*7+len(c.Lane))%3 {
				answer = status(500)
			}
			return after(time.Duration(c.RoomSeq*37%11)*100*time.Millisecond, answer)
		})
		var want = map[string][]int{}
		for i := range rooms {
			w.create(live.RoomID(fmt.Sprintf("r%d", i)))
		}
		for n := range changes {
			for i := range rooms {
				w.modify(live.RoomID(fmt.Sprintf("r%d", i)), 1)
				name := fmt.Sprintf("r%d", i)
				want[name] = append(want[name], n+2)
			}
		}
		w.pass(5 * time.Minute)
		got := map[string][]int{}
		for _, c := range w.backend.all() {
			if seen := got[c.Lane]; len(seen) == 0 || c.RoomSeq > seen[len(seen)-1] {
				got[c.Lane] = append(seen, c.RoomSeq)
			} else if c.RoomSeq < seen[len(seen)-1] {
				t.Errorf("%s came after change %d of its lane", c, seen[len(seen)-1]-1)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("first arrivals (-want +got):\n%s", diff)
		}
		if w.backend.overlap != nil {
			t.Errorf("two callbacks of one lane were in flight: %v", w.backend.overlap)
		}
	})
}

func TestALongBacklogOfAHungLaneWaitsInTheLogAndThenDrainsInOrder(t *testing.T) {
	const backlog = 200 // more than may wait in memory of one lane
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.backend.reply(lane("r1", after(3*time.Second, accept)))
		w.modify("r1", backlog)
		w.modify("r2", 2)
		w.wantCalls("r1.1", "r2.1", "r2.2")
		if n := len(w.logs.with("more of it waits than is kept in memory")); n != 1 {
			t.Errorf("the lane that is behind was told of %d times, want once", n)
		}
		w.backend.reply(always(accept))
		w.pass(3 * time.Second)
		var want []string
		for n := 2; n <= backlog; n++ {
			want = append(want, fmt.Sprintf("r1.%d", n))
		}
		w.wantCalls(want...)
		w.pass(time.Second)
		if n := w.d.Running(); n != 0 {
			t.Errorf("%d readers run after everything was delivered, want none", n)
		}
	})
}
