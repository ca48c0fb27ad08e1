package storetest

import (
	"errors"
	"sync"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// withEndpoints are settings that name endpoints.
func withEndpoints(id live.AppID, names ...string) *live.App {
	app := &live.App{ID: id, Key: "key"}
	for _, name := range names {
		app.Endpoints = append(app.Endpoints, live.Endpoint{Name: name, Destination: live.Destination{URL: "http://" + name}})
	}
	return app
}

func endpointID(id live.AppID, name string) delivery.ReaderID {
	return delivery.ReaderID{App: id, Name: delivery.EndpointReader(name)}
}

// endpoints makes these the endpoints of an App.
func (t *suite) endpoints(id live.AppID, names ...string) {
	t.Helper()
	t.must(commit(t.s, []engine.Change{{App: id, Settings: withEndpoints(id, names...)}}))
}

func endpointReaders(t *suite) {
	t.must(commit(t.s, []engine.Change{{App: app1, Settings: withEndpoints(app1, "first"), NewLog: logOf(app1)}}))
	t.newApps(app2)
	t.write(app1, "r", true, true)
	t.write(app2, "r", true)
	e := event("s", true, "in the commit of the settings")
	lane := eventlog.LaneState{}.Next(&e, 1)
	t.must(commit(t.s, []engine.Change{{
		App: app1, Settings: withEndpoints(app1, "first", "second"), Events: []eventlog.Event{e},
		Rooms: []engine.RoomChange{{ID: "s", Room: engine.Room{Doc: room("s"), Lane: lane}}},
	}}))
	check := func(name string, done int64) {
		t.Helper()
		p := t.openReader(endpointID(app1, name))
		t.same("cursor of "+name, p.Cursor, eventlog.NewCursor(done))
		t.same("log of "+name, p.Log, logOf(app1))
		if p.Redelivery != nil {
			t.Errorf("%s sends %+v again", name, p.Redelivery)
		}
	}
	check("first", 0)
	check("second", 2)
	t.same("pending", t.pendingReaders(app1), sorted(delivery.CallbackReader, "endpoint-first", "endpoint-second"))
	t.same("pending of the other App", t.pendingReaders(app2), []string{delivery.CallbackReader})

	t.settled(delivery.Settlement{Reader: endpointID(app1, "first"), Fence: t.openReader(endpointID(app1, "first")).Fence, Cursor: eventlog.NewCursor(3)})
	t.endpoints(app1, "second", "first") // other settings of the same endpoints
	check("first", 3)
	check("second", 2)
	t.same("pending when one has read all", t.pendingReaders(app1), sorted(delivery.CallbackReader, "endpoint-second"))
	t.settled(delivery.Settlement{Reader: callbackReader(app1), Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(3)})
	t.forget(app1, 3, 100, 2) // the other one still needs the rest
}

// fillReader gives a reader something of everything.
func (t *suite) fillReader(id delivery.ReaderID) eventlog.Attempt {
	t.Helper()
	attempt := eventlog.Attempt{Seq: 2, Number: 1, At: day(1), Durable: eventlog.Retry, Cloud: eventlog.Failed}
	t.settled(delivery.Settlement{
		Reader: id, Fence: t.openReader(id).Fence, Cursor: eventlog.NewCursor(3), Hold: []eventlog.Held{held("r", 2)},
		Attempts: []eventlog.Attempt{attempt}, Dead: []eventlog.Dead{dead(1, day(1))}, Skip: []eventlog.Skip{{Lane: "r", From: 1, To: 1, Seq: 1}},
	})
	return attempt
}

func endpointGone(t *suite) {
	t.newApps(app1, app2)
	t.endpoints(app1, "audit", "shadow")
	t.endpoints(app2, "audit")
	gone, stays, other := endpointID(app1, "audit"), endpointID(app1, "shadow"), endpointID(app2, "audit")
	for _, id := range []live.AppID{app1, app2} {
		t.write(id, "r", true, true, true)
	}
	attempt := t.fillReader(gone)
	t.fillReader(stays)
	t.fillReader(other)
	t.fillReader(callbackReader(app1))
	redelivery := t.redeliver(app1, delivery.Redelivery{Reader: gone.Name, From: 1, To: 3, At: day(2)})
	t.fillReader(redelivery)
	kept := t.redeliver(app1, delivery.Redelivery{Reader: stays.Name, From: 1, To: 3, At: day(2)})
	t.endpoints(app1, "shadow")

	for _, id := range []delivery.ReaderID{gone, redelivery} {
		_, err := t.s.Open(ctx(), id)
		t.fails("opening "+id.Name, err, delivery.ErrNoReader)
		t.same("announcements of "+id.Name, t.skips(id, "r"), []eventlog.Skip{})
	}
	t.same("dead letters", t.deadSeqs(gone), []int64{})
	attempts, err := t.h.Attempts(gone)
	t.must(err)
	t.same("attempts", attempts, []eventlog.Attempt{attempt})
	for _, id := range []delivery.ReaderID{stays, other, callbackReader(app1)} {
		t.same("held lanes of "+id.Name, t.openReader(id).Held, []eventlog.Held{held("r", 2)})
		t.same("dead letters of "+id.Name, t.deadSeqs(id), []int64{1})
		t.same("announcements of "+id.Name, len(t.skips(id, "r")), 1)
	}
	t.openReader(kept)
	t.same("pending", t.pendingReaders(app1), sorted(delivery.CallbackReader, stays.Name, kept.Name))
}

func endpointAgain(t *suite) {
	t.newApps(app1)
	t.endpoints(app1, "audit")
	id := endpointID(app1, "audit")
	t.write(app1, "r", true, true, true)
	var old []delivery.Settlement
	for range 3 {
		old = append(old, delivery.Settlement{Reader: id, Fence: t.openReader(id).Fence, Cursor: eventlog.NewCursor(1)})
	}
	t.fillReader(id)
	t.endpoints(app1)
	t.write(app1, "r", true)
	t.endpoints(app1, "audit")
	for range 3 {
		for i := range old {
			fenced, err := t.s.Settle(ctx(), old[i:i+1])
			t.must(err)
			t.same("fenced off", fenced, []delivery.ReaderID{id})
		}
		p := t.openReader(id)
		t.same("cursor", p.Cursor, eventlog.NewCursor(4))
		t.same("held lanes", p.Held, []eventlog.Held{})
	}
	t.same("dead letters", t.deadSeqs(id), []int64{})
	t.same("announcements", t.skips(id, "r"), []eventlog.Skip{})
}

// redeliveryOfNobody asks for callbacks of a reader that is not there, or not any more.
func redeliveryOfNobody(t *suite) {
	t.newApps(app1, app2)
	t.endpoints(app1, "audit")
	t.endpoints(app2, "shadow")
	t.write(app1, "r", true)
	ask := delivery.Redelivery{Reader: delivery.EndpointReader("audit"), From: 1, To: 1, At: day(1)}
	kept := t.redeliver(app1, delivery.Redelivery{From: 1, To: 1, At: day(1)})
	gone := t.redeliver(app1, ask)
	t.endpoints(app1)
	for _, reader := range []string{"audit", "shadow"} {
		ask.Reader = delivery.EndpointReader(reader)
		id, err := t.s.Redeliver(ctx(), app1, ask)
		t.fails("a redelivery of "+reader, err, delivery.ErrNoReader)
		t.same("its name", id.Name, "")
	}
	t.same("pending", t.pendingReaders(app1), sorted(delivery.CallbackReader, kept.Name))
	t.endpoints(app1, "audit")
	ask.Reader = delivery.EndpointReader("audit")
	if again := t.redeliver(app1, ask); again.Name == gone.Name {
		t.Errorf("the name %q was used again", again.Name)
	}
}

// redeliverWhileEndpointsGo asks for redeliveries to an endpoint while it comes and goes: none of them outlives it.
func redeliverWhileEndpointsGo(t *suite) {
	t.newApps(app1)
	t.write(app1, "r", true)
	handles := t.handles()
	done := make(chan struct{})
	var asking sync.WaitGroup
	for i, s := range handles {
		asking.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				_, err := s.Redeliver(ctx(), app1, delivery.Redelivery{Reader: delivery.EndpointReader("audit"), From: 1, To: 1, At: day(1)})
				if err != nil && !errors.Is(err, delivery.ErrNoReader) && !errors.Is(err, delivery.ErrTooMany) {
					t.Errorf("handle %d: %v", i, err)
					return
				}
			}
		})
	}
	for range 50 {
		t.endpoints(app1, "audit")
		t.endpoints(app1)
	}
	close(done)
	asking.Wait()
	t.same("pending", t.pendingReaders(app1), []string{delivery.CallbackReader})
}

func endpointRedelivery(t *suite) {
	t.newApps(app1)
	t.endpoints(app1, "audit")
	t.write(app1, "r", true, true, true)
	id := endpointID(app1, "audit")
	t.give(callbackReader(app1), t.open(app1).Fence, 3, dead(1, day(1)), dead(2, day(1)))
	t.give(id, t.openReader(id).Fence, 3, dead(2, day(1)), dead(3, day(1)))
	ask := delivery.Redelivery{Reader: id.Name, From: 1, To: 3, DeadOnly: true, At: day(2)}
	again := t.redeliver(app1, ask)
	p := t.openReader(again)
	t.same("redelivery", p.Redelivery, &ask)
	dead := func(want ...int64) {
		t.Helper()
		got, err := t.s.ReadAgain(ctx(), app1, ask, ample)
		t.must(err)
		t.same("dead letters that are sent again", seqs(got), want)
	}
	dead(2, 3)
	t.forget(app1, 3, 100, 3)
	dead(2, 3)
	t.settled(delivery.Settlement{
		Reader: again, Fence: p.Fence, Cursor: eventlog.NewCursor(3), Revived: []int64{2, 3}, RevivedOf: id.Name, Finished: true,
	})
	t.same("dead letters of the endpoint", t.deadSeqs(id), []int64{})
	t.same("dead letters of the callback", t.deadSeqs(callbackReader(app1)), []int64{1, 2})
}
