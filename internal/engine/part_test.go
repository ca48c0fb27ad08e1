package engine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// members is the list of the body of a member state callback.
func members(t testing.TB, e *eventlog.Event) []string {
	t.Helper()
	var body struct {
		MemberList []struct {
			Account string `json:"Member_Account"`
		}
	}
	if err := json.Unmarshal(e.Body, &body); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, m := range body.MemberList {
		list = append(list, m.Account)
	}
	return list
}

func enter(a live.Account) live.EnterRoom { return live.EnterRoom{Room: "r1", Account: a} }

func TestMembersThatComeTogetherShareACallback(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		waiting := []*asked{f.ask(app1, create("r1"))}
		for _, a := range []live.Account{"a", "b", "a", "c"} {
			waiting = append(waiting, f.ask(app1, enter(a)))
		}
		waiting = append(waiting, f.ask(app1, live.LeaveRoom{Room: "r1", Account: "b"}), f.ask(app1, enter("d")))
		f.start()
		f.finish(waiting...)
		log := f.log(app1)
		f.same("lanes", lanes(log), []string{"r1", "r1/members", "r1/members", "r1/members"})
		f.same("who came first", members(t, &log[1]), []string{"a", "b", "c"})
		f.same("who left", members(t, &log[2]), []string{"b"})
		f.same("who came last", members(t, &log[3]), []string{"d"})
		for i := 1; i < 4; i++ {
			f.same("numbers in the lane", [2]int64{log[i].RoomSeq, log[i].RoomPrev}, [2]int64{int64(i), int64(i - 1)})
		}
		parts, err := f.db.Parts(f.Context(), app1, []live.PartID{live.TallyOf("r1")})
		f.must(err)
		f.same("tally", parts, []live.Part{&live.Tally{Members: 3, Views: 4}})
	})
}

// What nobody subscribed to takes no number, unless it rebuilds a room.
func TestMembersAreNotLoggedWhenNobodyAskedForThem(t *testing.T) {
	f := newFixture(t, engine.Options{})
	f.configure(3)
	must := func(cmd live.Command) {
		_, err := f.engine.Do(f.Context(), 3, actor, cmd)
		f.must(err)
	}
	f.start()
	must(live.ConfigureApp{App: live.App{ID: 3}})
	must(create("r1"))
	must(enter("a"))
	f.same("lanes", lanes(f.log(3)), []string{"r1"})
	must(live.ConfigureApp{App: live.App{ID: 3, FeedCommands: []string{"Live.CallbackAfterMemberStateChanged"}}})
	must(enter("b"))
	log := f.log(3)
	f.same("lanes", lanes(log), []string{"r1", "r1/members"})
	f.same("the first number of the lane, and whether it is a callback", []any{log[1].RoomSeq, log[1].Callback}, []any{int64(1), false})
}

// A room that is created again has nothing of its life before, also within one group.
func TestPartsEndWithTheLifeOfTheirRoom(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		waiting := []*asked{
			f.ask(app1, create("r1")), f.ask(app1, enter("a")), f.ask(app1, live.DestroyRoom{Room: "r1"}),
			f.ask(app1, create("r1")), f.ask(app1, enter("b")),
		}
		f.start()
		f.finish(waiting...)
		statistic := waiting[2].out.Reply.Statistic
		f.same("viewers of the first life", statistic.TotalViewers, int64(1))
		again := f.ask(app1, live.DestroyRoom{Room: "r1"})
		f.finish(again, f.ask(app1, create("r1")))
		f.same("viewers of the second life", again.out.Reply.Statistic.TotalViewers, int64(1))
		parts, err := f.db.Parts(f.Context(), app1, []live.PartID{live.TallyOf("r1"), live.MemberOf("r1", "b")})
		f.must(err)
		f.same("parts of the third life", parts, []live.Part{nil, nil})
		log := f.log(app1)
		f.same("lanes", lanes(log), []string{"r1", "r1/members", "r1", "r1", "r1/members", "r1", "r1"})
		f.same("the members' lane goes on", log[4].RoomSeq, int64(2))
	})
}

func TestCallWithAKeyIsDoneOnce(t *testing.T) {
	f := newFixture(t, engine.Options{})
	f.start()
	f.do(app1, create("r1"))
	do := func(key string, cmd live.Command) (live.Outcome, error) {
		by := actor
		by.Key = key
		return f.engine.Do(f.Context(), app1, by, cmd)
	}
	first, err := do("k", live.DestroyRoom{Room: "r1"})
	f.must(err)
	again, err := do("k", live.DestroyRoom{Room: "r1"})
	f.must(err)
	f.same("reply", again.Reply, first.Reply)
	f.same("events", len(f.log(app1)), 2)
	if _, err := do("k", live.DestroyRoom{Room: "r2"}); kind(err) != live.InvalidParameter {
		t.Errorf("another call under the same key: %v, want it refused", err)
	}
	if _, err := do("other", live.DestroyRoom{Room: "r1"}); kind(err) != live.RoomNotFound {
		t.Errorf("another key: %v, want that there is no room", err)
	}
	f.do(app1, create("r1"))
	if _, err := do("other", live.DestroyRoom{Room: "r1"}); err != nil {
		t.Errorf("a key whose call was refused: %v, want it done", err)
	}
}

// What an App backend made of a message does not make it another call, and a rehearsal finds out what was done.
func TestAMessageWithAKeyIsSentOnce(t *testing.T) {
	f := newFixture(t, engine.Options{})
	f.start()
	f.do(app1, create("r1"))
	by := actor
	by.Key = "k"
	hello := live.SendText{Room: "r1", From: "a", Text: "hello"}
	rehearse := func() live.Reply {
		out, err := f.engine.Do(f.Context(), app1, actor, live.Rehearsal{Of: hello, Key: "k"})
		f.must(err)
		return out.Reply
	}
	writes := f.store.writes
	if q, ok := rehearse().Question.(live.MessageQuestion); !ok || q.From != "a" || f.store.writes != writes {
		t.Errorf("the rehearsal asks %+v after %d commits, want about a's message and no commit", q, f.store.writes-writes)
	}
	stars := []live.MessageElement{{Type: "TIMTextElem", Content: json.RawMessage(`{"Text":"***"}`)}}
	ruled, err := hello.Ruled(live.Ruling{Answered: true, Body: stars})
	f.must(err)
	first, err := f.engine.Do(f.Context(), app1, by, ruled)
	f.must(err)
	again, err := f.engine.Do(f.Context(), app1, by, hello)
	f.must(err)
	f.same("reply", again.Reply, first.Reply)
	f.same("reply of the rehearsal", rehearse(), first.Reply)
	log := f.log(app1)
	f.same("lanes", lanes(log), []string{"r1", "r1/messages"})
	if body := string(log[1].Body); !strings.Contains(body, `"MsgSeq":1,`) || !strings.Contains(body, `{"Text":"***"}`) {
		t.Errorf("body %s, want the first message as it was changed", body)
	}
}

// The numbers of messages are the room's, logged or not, and begin anew with its next life.
func TestMessagesAreCountedInTheirRoom(t *testing.T) {
	f := newFixture(t, engine.Options{})
	f.configure(3)
	f.start()
	send := func(app live.AppID, room live.RoomID) int64 {
		out, err := f.engine.Do(f.Context(), app, actor, live.SendText{Room: room, From: "a", Text: "hello"})
		f.must(err)
		return out.Reply.Message.Seq
	}
	for _, app := range []live.AppID{app1, 3} {
		f.do(app, create("r1"))
		f.do(app, create("r2"))
		f.same("numbers", []int64{send(app, "r1"), send(app, "r1"), send(app, "r2"), send(app, "r1")}, []int64{1, 2, 1, 3})
		f.do(app, live.DestroyRoom{Room: "r1"})
		f.do(app, create("r1"))
		f.same("number in the next life", send(app, "r1"), int64(1))
	}
	f.same("lanes of an App that subscribed to nothing", lanes(f.log(3)), []string{"r1", "r2", "r1", "r1"})
	log := f.log(app1)
	f.same("the lane goes on", log[len(log)-1].RoomSeq, int64(4))
}

// Two calls of one group have the same key.
func TestCallsWithOneKeyInOneGroupAreDoneOnce(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		with := func(cmd live.Command) *asked {
			a := &asked{done: make(chan struct{})}
			by := actor
			by.Key = "k"
			go func() {
				defer close(a.done)
				a.out, a.err = f.engine.Do(f.Context(), app1, by, cmd)
			}()
			return a
		}
		waiting := []*asked{f.ask(app1, create("r1")), with(appoint("r1", "a")), with(appoint("r1", "a"))}
		f.start()
		f.finish(waiting...)
		f.same("lanes", lanes(f.log(app1)), []string{"r1", "r1"})
	})
}
