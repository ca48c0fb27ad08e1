package engine_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func TestEventsAreHandedOverInOrderAndAfterTheirCommit(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		var early []int64
		f.reader.before = func(app live.AppID, events []eventlog.Event) {
			stored := f.log(app)
			for _, e := range events {
				if e.Seq > int64(len(stored)) {
					early = append(early, e.Seq)
				}
			}
		}
		f.start()
		f.do(app1, create("a"))
		f.do(app1, appoint("a", "x"))
		f.do(app2, create("a"))
		f.do(app1, live.ChangeOwner{Room: "a", NewOwner: "x"}) // two events
		f.stop()
		f.same("events that were not in the log yet", early, []int64{})
		for _, id := range []live.AppID{app1, app2} {
			f.same("as handed over", f.reader.events[id], f.log(id))
		}
	})
}

func TestTwoEventsOfOneCommandAreConsecutive(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		list := []*asked{
			f.ask(app1, create("a")), f.ask(app1, create("b")), f.ask(app1, appoint("a", "x", "y")), f.ask(app1, appoint("b", "x")),
			f.ask(app1, live.ChangeOwner{Room: "a", NewOwner: "x"}), f.ask(app1, live.ChangeOwner{Room: "b", NewOwner: "x"}),
		}
		f.stop()
		for _, a := range list {
			<-a.done
			f.must(a.err)
		}
		type row struct {
			Seq, Prev, RoomSeq, RoomPrev int64
			Lane                         eventlog.Lane
			Command                      callback.Command
		}
		var got []row
		for _, e := range f.log(app1) {
			got = append(got, row{e.Seq, e.Prev, e.RoomSeq, e.RoomPrev, e.Lane, callback.Command(e.Command)})
		}
		f.same("log", got, []row{
			{1, 0, 1, 0, "a", callback.CommandAfterCreateRoom},
			{2, 1, 1, 0, "b", callback.CommandAfterCreateRoom},
			{3, 2, 2, 1, "a", callback.CommandAfterModifyAdmin},
			{4, 3, 2, 1, "b", callback.CommandAfterModifyAdmin},
			{5, 4, 3, 2, "a", callback.CommandAfterModifyAdmin},
			{6, 5, 4, 3, "a", callback.CommandAfterChangeOwner},
			{7, 6, 3, 2, "b", callback.CommandAfterModifyAdmin},
			{8, 7, 4, 3, "b", callback.CommandAfterChangeOwner},
		})
	})
}

func TestEventSaysWhoDidItAndWhere(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		f.start()
		f.do(app1, create("a"))
		e := f.log(app1)[0]
		var body struct {
			OperatorAccount string `json:"Operator_Account"`
			EventTime       int64
		}
		f.must(json.Unmarshal(e.Body, &body))
		f.same("operator in the body", body.OperatorAccount, string(actor.Account))
		f.same("EventTime in the body", body.EventTime, e.Time)
		f.same("EventTime", e.Time, time.Now().UnixMilli())
		e.Body, e.RoomState, e.Time = nil, "", 0
		f.same("event", e, eventlog.Event{
			Seq: 1, RoomSeq: 1, Lane: "a", Command: string(callback.CommandAfterCreateRoom), Callback: true,
			Operator: string(actor.Account), ClientIP: actor.ClientIP, Platform: actor.Platform, Cause: actor.Cause,
		})
	})
}

// The switch is read in the commit: on, off, another command on, deleted, set again.
func TestCallbackFlagIsThatOfTheCommit(t *testing.T) {
	admin := live.Callback{URL: "http://192.0.2.1/", Commands: []string{string(callback.CommandAfterModifyAdmin)}}
	owner := live.Callback{URL: "http://192.0.2.1/", Commands: []string{string(callback.CommandAfterChangeOwner)}}
	bubble(t, engine.Options{}, func(f *fixture) {
		list := []*asked{f.ask(app1, create("a"))} // everything is on
		for i, cmd := range []live.Command{
			live.UpdateCallback{Callback: owner}, appoint("a", "1"), // off
			live.UpdateCallback{Callback: admin}, appoint("a", "2"), // on
			live.DeleteCallback{}, appoint("a", "3"), // off
			live.SetCallback{Callback: admin}, appoint("a", "4"), // on
		} {
			a := f.ask(app1, cmd)
			if list = append(list, a); a.answered() {
				f.Fatalf("command %d did not wait", i)
			}
		}
		f.stop()
		for _, a := range list {
			<-a.done
			f.must(a.err)
		}
		type row struct {
			Callback       bool
			Prev, RoomPrev int64
		}
		var got []row
		for _, e := range f.log(app1) {
			got = append(got, row{e.Callback, e.Prev, e.RoomPrev})
		}
		f.same("log", got, []row{{true, 0, 0}, {false, 1, 1}, {true, 1, 1}, {false, 3, 3}, {true, 3, 3}})
		f.same("DiscardTo: what was committed before the callback was deleted", f.engine.App(app1).DiscardTo, int64(3))
	})
}

func TestDeletedCallbackDiscardsWhatCameBeforeAndNothingLater(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		f.start()
		f.do(app1, create("a"))
		f.do(app1, appoint("a", "x"))
		f.do(app1, live.DeleteCallback{})
		f.same("DiscardTo", f.engine.App(app1).DiscardTo, int64(2))
		f.do(app1, appoint("a", "y"))
		f.do(app1, live.DeleteCallback{}) // there is none any more
		f.do(app1, live.SetCallback{Callback: live.Callback{URL: "http://192.0.2.2/", Commands: []string{string(callback.CommandAfterModifyAdmin)}}})
		f.do(app1, appoint("a", "z"))
		f.do(app1, live.ConfigureApp{App: live.App{ID: app1, Key: "next"}})
		app := f.engine.App(app1)
		f.same("DiscardTo after it was set again", app.DiscardTo, int64(2))
		last := f.log(app1)[3]
		if !last.Callback || last.Seq <= app.DiscardTo {
			f.Errorf("the event after the callback was set again is %+v, want a callback event above %d", last, app.DiscardTo)
		}
	})
}

func TestACallbackURLThatIsTakenAwayDiscardsWhatCameBefore(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		f.start()
		f.do(app1, create("a"))
		app := live.App{ID: app1, Key: "key"}
		commands := []string{string(callback.CommandAfterModifyAdmin)}
		configure := func(url string) {
			app.Callback = &live.Callback{URL: url, Commands: commands}
			app.Endpoints = []live.Endpoint{{Name: "audit", Destination: live.Destination{URL: "http://192.0.2.3/"}}}
			f.do(app1, live.ConfigureApp{App: app})
			f.do(app1, appoint("a", live.Account(fmt.Sprintf("x%d", len(f.log(app1))))))
		}
		configure("http://192.0.2.2/")
		f.same("DiscardTo with a URL", f.engine.App(app1).DiscardTo, int64(0))
		configure("")
		f.same("DiscardTo when it is gone", f.engine.App(app1).DiscardTo, int64(2))
		configure("http://192.0.2.2/")
		f.same("DiscardTo when there is one again", f.engine.App(app1).DiscardTo, int64(2))
		f.do(app1, live.DeleteCallback{})
		f.same("DiscardTo when the callback is deleted", f.engine.App(app1).DiscardTo, int64(4))
		for _, e := range f.log(app1)[1:] {
			if !e.Callback {
				f.Errorf("event %d is no callback event, though there is an endpoint", e.Seq)
			}
		}
	})
}

// A room was last changed by a clock that was ahead: time stands still for it, and goes on elsewhere.
func TestEventTimeNeverGoesBackInALane(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		ahead := time.Now().Add(time.Hour).UnixMilli()
		tx, err := f.db.Begin(f.Context())
		f.must(err)
		room := &live.Room{ID: "ahead", Owner: "o"}
		lane := eventlog.LaneState{Seq: 7, Time: ahead}
		f.must(tx.Commit(f.Context(), []engine.Change{{App: app1, Rooms: []engine.RoomChange{{ID: "ahead", Room: engine.Room{Doc: room, Lane: lane}}}}}))
		f.start()
		f.do(app1, appoint("ahead", "x"))
		f.do(app1, live.DestroyRoom{Room: "ahead"})
		f.do(app1, create("ahead"))
		f.do(app1, create("other"))
		var got []int64
		for _, e := range f.log(app1) {
			got = append(got, e.Time)
		}
		f.same("EventTimes", got, []int64{ahead, ahead, ahead, time.Now().UnixMilli()})
	})
}

// discards is the row of a change that discards callbacks of an endpoint, or of the callback; to 0: up to the head.
func discards(row engine.Audit, endpoint string, to int64) engine.Audit {
	row.Discarded = &engine.Discarded{Endpoint: endpoint, To: to}
	return row
}

// A URL where there was none is where the callback's reader begins; another URL is not.
func TestTheCallbackBeginsWhereItsURLIsSet(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		var begins []bool
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			for _, c := range changes {
				begins = append(begins, c.CallbackBegins)
			}
			return tx.Commit(f.Context(), changes)
		}
		f.start()
		audit := []live.Endpoint{{Name: "audit", Destination: live.Destination{URL: "http://192.0.2.3/"}}}
		url := func(url string) live.Callback { return live.Callback{URL: url, Commands: []string{"c"}} }
		for _, cmd := range []live.Command{
			live.ConfigureApp{App: live.App{ID: 3, Callback: &live.Callback{Commands: []string{"c"}}, Endpoints: audit}},
			live.UpdateCallback{Callback: url("http://192.0.2.1/")},
			live.UpdateCallback{Callback: url("http://192.0.2.2/")},
			live.DeleteCallback{},
			live.SetCallback{Callback: url("http://192.0.2.2/")},
		} {
			f.do(3, cmd)
		}
		f.same("begins", begins, []bool{false, true, false, false, true})
	})
}

func TestAuditNamesSettingsAndHoldsNoValue(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		const secret = "a-secret-that-nobody-may-read"
		token, on := secret, true
		var rows []engine.Audit
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			for _, c := range changes {
				rows = append(rows, c.Audit...)
			}
			return tx.Commit(f.Context(), changes)
		}
		f.start()
		f.do(3, live.ConfigureApp{App: live.App{ID: 3, Key: secret}})
		f.do(3, live.SetCallback{Callback: live.Callback{URL: "http://192.0.2.1/?key=" + secret, Commands: []string{secret}}})
		f.do(3, live.SetToken{Token: &token, Enabled: &on})
		f.do(3, live.SetToken{Token: &token, Enabled: &on}) // changes nothing
		f.do(3, live.DeleteCallback{})
		f.do(3, create("r"))
		f.do(3, live.DiscardBacklog{To: 1})
		f.do(3, live.ConfigureApp{App: live.App{ID: 3, Key: secret, Endpoints: []live.Endpoint{{Name: "audit", Destination: live.Destination{URL: "http://192.0.2.1/"}}}}})
		f.do(3, live.DiscardBacklog{Endpoint: "audit", To: 1})
		f.do(3, live.DiscardBacklog{Endpoint: "audit", To: 1}) // changes nothing
		f.stop()
		at := time.Now()
		row := func(command string, changed ...string) engine.Audit {
			return engine.Audit{At: at, By: actor, Command: command, Changed: changed}
		}
		f.same("audit", rows, []engine.Audit{
			row("configure", "created"), row("set_callback", "callback.url", "callback.commands"),
			row("set_callback_token", "callback.token"), discards(row("delete_callback", "callback.url", "callback.commands"), "", 0),
			discards(row("discard", "discard"), "", 1), row("configure", "endpoints"), discards(row("discard", "discard"), "audit", 1),
		})
	})
}

func TestSettingsAreKnownBeforeTheirCommandIsAnswered(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		f.start()
		f.do(5, live.ConfigureApp{App: live.App{ID: 5, Key: "first"}})
		f.same("key", f.engine.App(5).Key, "first")
		f.do(5, live.ConfigureApp{App: live.App{ID: 5, Key: "second"}})
		f.same("key", f.engine.App(5).Key, "second")

		next := engine.New(engine.Options{Store: f.db})
		f.must(next.Load(f.Context()))
		f.same("Apps after a start", next.Apps(), 3)
		f.same("settings after a start", next.App(5), f.engine.App(5))
		if got := next.App(6); got != nil {
			f.Errorf("an App that nobody made is %v", got)
		}
	})
}
