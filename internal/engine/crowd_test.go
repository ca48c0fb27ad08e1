package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// join lets n accounts with a prefix enter r1 and returns when all of them wait, or are answered.
func (f *fixture) join(prefix string, n int) []*asked {
	var list []*asked
	for i := range n {
		list = append(list, f.ask(app1, enter(live.Account(fmt.Sprintf("%s%d", prefix, i)))))
	}
	return list
}

func answered(list []*asked) int {
	n := 0
	for _, a := range list {
		if a.answered() {
			n++
		}
	}
	return n
}

// crowded runs a test with a room that 50 have entered in this second.
func crowded(t *testing.T, test func(*fixture)) {
	t.Helper()
	bubble(t, engine.Options{}, func(f *fixture) {
		f.start()
		f.do(app1, create("r1"))
		f.finish(f.join("first", 50)...)
		test(f)
	})
}

func TestJoinsBeyondFiftyASecondAreCommittedTogether(t *testing.T) {
	crowded(t, func(f *fixture) {
		before := len(f.log(app1))
		list := f.join("late", 30)
		f.pass(60 * time.Millisecond)
		list = append(list, f.join("later", 20)...)
		f.same("answered before a tenth of a second is over", answered(list), 0)
		f.pass(39 * time.Millisecond)
		synctest.Wait()
		f.same("answered a millisecond before", answered(list), 0)
		f.finish(list...)
		f.same("the first waited", list[0].took, 100*time.Millisecond)
		f.same("the last waited", list[49].took, 40*time.Millisecond)
		log := f.log(app1)[before:]
		f.same("callbacks", lanes(log), []string{"r1/members"})
		f.same("who came", len(members(f, &log[0])), 50)
		f.same("the first of them", members(f, &log[0])[0], "late0")
	})
}

func TestRoomThatManyEnterStaysGatheredInTheNextSecond(t *testing.T) {
	crowded(t, func(f *fixture) {
		f.finish(f.join("a", 1)...)
		f.pass(950 * time.Millisecond) // the next second
		next := f.join("b", 1)
		f.same("answered at once in the second after", answered(next), 0)
		f.finish(next...)
		f.pass(2 * time.Second)
		f.same("answered at once when it is quiet", answered(f.join("c", 50)), 50)
	})
}

// What leaves, is banned, or changes the room in any other way comes after those who entered before, and does not wait.
func TestNothingOvertakesAGatheredJoin(t *testing.T) {
	for _, c := range []struct {
		name string
		cmd  live.Command
		want []string // lanes
	}{
		{"leave", live.LeaveRoom{Room: "r1", Account: "late1"}, []string{"r1/members", "r1/members"}},
		{"ban", live.BanMembers{Room: "r1", Accounts: []live.Account{"late1"}, Seconds: 9}, []string{"r1/members", "r1/members"}},
		{"appoint", appoint("r1", "x"), []string{"r1/members", "r1"}},
		{"destroy", live.DestroyRoom{Room: "r1"}, []string{"r1/members", "r1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			crowded(t, func(f *fixture) {
				before := len(f.log(app1))
				list := append(f.join("late", 3), f.ask(app1, c.cmd))
				f.same("answered at once", answered(list), 4)
				f.finish(list...)
				log := f.log(app1)[before:]
				f.same("lanes", lanes(log), c.want)
				f.same("who came", members(f, &log[0]), []string{"late0", "late1", "late2"})
			})
		})
	}
}

func TestGatheredJoinsHoldUpNobodyElse(t *testing.T) {
	crowded(t, func(f *fixture) {
		f.do(app2, create("r1"))
		f.do(app1, create("r2"))
		late := f.join("late", 1)
		others := []*asked{f.ask(app2, enter("a")), f.ask(app1, live.EnterRoom{Room: "r2", Account: "a"}), f.ask(app1, appoint("r2", "a"))}
		f.same("others that are answered at once", answered(others), 3)
		f.same("answered with them", answered(late), 0)
		f.finish(append(others, late...)...)
	})
}

func TestJoinsThatFillACallbackGoAtOnce(t *testing.T) {
	crowded(t, func(f *fixture) {
		before := len(f.log(app1))
		list := f.join("late", live.MaxMembersOfEvent+1)
		f.same("answered at once", answered(list), live.MaxMembersOfEvent)
		f.finish(list...)
		log := f.log(app1)[before:]
		f.same("callbacks", lanes(log), []string{"r1/members", "r1/members"})
		f.same("members of each", []int{len(members(f, &log[0])), len(members(f, &log[1]))}, []int{live.MaxMembersOfEvent, 1})
	})
}

// Joins that were gathered share a callback also while other Apps wait, whose share of a group is smaller.
func TestGatheredJoinsAreNotCutApart(t *testing.T) {
	bubble(t, engine.Options{AppLimit: 10}, func(f *fixture) {
		f.start()
		f.do(app1, create("r1"))
		f.do(app2, create("r2"))
		f.finish(f.join("first", 50)...)
		before := len(f.log(app1))
		reached, release := make(chan struct{}), make(chan struct{})
		f.store.begin = func() error {
			f.store.begin = nil
			close(reached)
			<-release
			return nil
		}
		list := []*asked{f.ask(app2, appoint("r2", "a"))}
		<-reached // the committer is busy
		list = append(list, f.join("late", 200)...)
		f.pass(200 * time.Millisecond)
		list = append(list, f.ask(app2, appoint("r2", "b")), f.ask(app1, appoint("r1", "b")))
		close(release)
		f.finish(list...)
		log := f.log(app1)[before:]
		f.same("lanes", lanes(log), []string{"r1/members", "r1"})
		f.same("who came", len(members(f, &log[0])), 200)
	})
}

func TestGatheredJoinsAreAnsweredWhenTheEngineStops(t *testing.T) {
	crowded(t, func(f *fixture) {
		late := f.join("late", 3)
		f.stop()
		synctest.Wait()
		f.same("answered", answered(late), 3)
		f.finish(late...)
	})
}

func TestGatheredJoinsCountAsWaiting(t *testing.T) {
	bubble(t, engine.Options{QueueLimit: 60}, func(f *fixture) {
		list := f.join("a", 60) // nothing runs yet: ten of them are gathered
		f.says(f.ask(app1, enter("beyond")), "busy")
		f.says(f.ask(app2, create("r1")), "busy")
		for _, a := range list {
			f.says(a, "nothing was done") // nobody took them for three seconds
		}
		f.start()
		synctest.Wait()
		f.do(app1, create("r1")) // they have left
		f.same("lanes", lanes(f.log(app1)), []string{"r1"})
	})
}

// A caller who has left is not let in.
func TestJoinWhoseCallerLeftWhileItWasGatheredIsNotDone(t *testing.T) {
	crowded(t, func(f *fixture) {
		ctx, cancel := context.WithCancel(f.Context())
		gone := f.askWith(ctx, app1, enter("gone"))
		stays := f.join("stays", 1)
		cancel()
		<-gone.done
		f.finish(stays...)
		parts, err := f.db.Parts(f.Context(), app1, []live.PartID{live.MemberOf("r1", "gone"), live.MemberOf("r1", "stays0")})
		f.must(err)
		f.same("who is there", []bool{parts[0] != nil, parts[1] != nil}, []bool{false, true})
	})
}
