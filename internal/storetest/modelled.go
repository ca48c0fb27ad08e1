package storetest

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// modelled makes random changes, settlements and removals, each run on an App of its own, and compares the store with a
// model: nothing that a reader needs is ever gone, and numbers go on.
func modelled(t *suite) {
	app := app1
	rapid.Check(t.T, func(r *rapid.T) {
		app++
		m := &run{T: r, model: newModel(app), s: t.s, h: t.h}
		m.must(commit(t.s, []engine.Change{{App: app, Settings: &live.App{ID: app}, NewLog: logOf(app)}}))
		m.open(delivery.CallbackReader)
		r.Repeat(map[string]func(*rapid.T){
			"":           func(*rapid.T) { m.checkLog() },
			"write":      func(*rapid.T) { m.write() },
			"settle":     func(*rapid.T) { m.settleSome() },
			"settle all": func(*rapid.T) { m.settleAll() },
			"forget":     func(*rapid.T) { m.forgetSome() },
			"dead":       func(*rapid.T) { m.forgetSomeDead() },
			"redeliver":  func(*rapid.T) { m.redeliver() },
			"read again": func(*rapid.T) { m.readAgain() },
			"reopen":     func(*rapid.T) { m.open(m.reader()) },
			"look":       func(*rapid.T) { m.checkReaders() },
			"endpoints":  func(*rapid.T) { m.configure() },
		})
		m.checkReaders()
		m.forgetAllDead()
	})
}

// run is one random run beside its model.
type run struct {
	*rapid.T
	*model
	s Store
	h Harness
}

func (m *run) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

func (m *run) same(what string, got, want any) {
	m.Helper()
	if d := diff(got, want); d != "" {
		m.Fatalf("%s (-want +got):\n%s", what, d)
	}
}

func (m *run) chance(what string) bool { return rapid.IntRange(0, 3).Draw(m.T, what) == 0 }

func (m *run) seq(what string, from, to int64) int64 {
	return rapid.Int64Range(from, max(from, to)).Draw(m.T, what)
}

func (m *run) drawLane() eventlog.Lane {
	return rapid.SampledFrom([]eventlog.Lane{"a", "b", "c"}).Draw(m.T, "lane")
}

// reader draws one that is not finished.
func (m *run) reader() string {
	var names []string
	for _, name := range m.names {
		if m.readers[name] != nil {
			names = append(names, name)
		}
	}
	return rapid.SampledFrom(names).Draw(m.T, "reader")
}

// standingReader draws that of the callback or of an endpoint.
func (m *run) standingReader() string {
	names := []string{delivery.CallbackReader}
	for _, name := range m.endpoints {
		names = append(names, delivery.EndpointReader(name))
	}
	return rapid.SampledFrom(names).Draw(m.T, "standing reader")
}

// configure makes other endpoints those of the App, and opens the readers of the new ones.
func (m *run) configure() {
	var endpoints []string
	for _, name := range []string{"a", "b"} {
		if rapid.Bool().Draw(m.T, name) {
			endpoints = append(endpoints, name)
		}
	}
	m.must(commit(m.s, []engine.Change{{App: m.app, Settings: withEndpoints(m.app, endpoints...)}}))
	for _, name := range m.configured(endpoints) {
		m.open(name)
	}
}

func (m *run) id(name string) delivery.ReaderID { return delivery.ReaderID{App: m.app, Name: name} }

func (m *run) write() {
	r := live.RoomID(m.drawLane())
	callbacks := rapid.SliceOfN(rapid.Bool(), 1, 4).Draw(m.T, "callbacks")
	gone := m.chance("gone")
	got, err := write(m.s, m.app, r, gone, callbacks...)
	m.must(err)
	var events []eventlog.Event
	for i, callback := range callbacks {
		events = append(events, event(r, callback, fmt.Sprintf("%s %d", r, i)))
	}
	m.same("events as numbered", got, m.append(r, gone, events))
}

// settleSome stores a settlement with something of everything, perhaps twice, perhaps with a fence that is over.
func (m *run) settleSome() {
	name := m.reader()
	r := m.readers[name]
	done := r.cursor.Done()
	s := delivery.Settlement{Reader: m.id(name), Fence: r.fence, Cursor: eventlog.NewCursor(m.seq("done", done, m.head()))}
	if m.chance("beyond") {
		s.Cursor.Mark(m.seq("range", s.Cursor.Done()+1, m.head()))
	}
	if m.chance("paused") {
		s.Paused = "paused"
	}
	at := day(rapid.IntRange(1, 9).Draw(m.T, "day"))
	if m.chance("hold") {
		s.Hold = append(s.Hold, held(m.drawLane(), m.seq("next", max(1, m.first-1), m.head())))
	}
	if m.chance("release") {
		s.Release = append(s.Release, m.drawLane())
	}
	if m.chance("attempt") {
		s.Attempts = append(s.Attempts, eventlog.Attempt{Seq: m.seq("attempt of", 1, m.head()), Number: 1, At: at, Status: rapid.IntRange(200, 599).Draw(m.T, "status")})
	}
	for m.chance("dead") {
		s.Dead = append(s.Dead, dead(m.seq("dead letter", 1, m.head()+1), at))
	}
	if m.chance("revived") {
		s.Revived, s.RevivedOf = append(s.Revived, m.seq("revived", 1, m.head())), m.standingReader()
	}
	if m.chance("skip") {
		s.Skip = append(s.Skip, eventlog.Skip{Lane: m.drawLane(), From: 1, To: m.seq("skipped to", 1, 9), Seq: m.seq("skipped", max(1, m.first), m.head())})
	}
	if m.chance("told") {
		s.Told = append(s.Told, m.drawLane())
	}
	s.Finished = r.redelivery != nil && m.chance("finished")
	m.store(s)
}

// settleAll makes room for forgetting.
func (m *run) settleAll() {
	name := m.reader()
	r := m.readers[name]
	done := max(r.cursor.Done(), m.head())
	s := delivery.Settlement{Reader: m.id(name), Fence: r.fence, Cursor: eventlog.NewCursor(done), Finished: r.redelivery != nil}
	for lane := range r.held {
		s.Release = append(s.Release, lane)
	}
	m.store(s)
}

func (m *run) store(s delivery.Settlement) {
	if m.chance("fenced off") {
		late := s
		late.Fence--
		fenced, err := m.s.Settle(ctx(), []delivery.Settlement{late})
		m.must(err)
		m.same("fenced off", fenced, []delivery.ReaderID{s.Reader})
	}
	for again := true; again; again = m.chance("the same again") {
		fenced, err := m.s.Settle(ctx(), []delivery.Settlement{s})
		m.must(err)
		m.same("fenced off", fenced, []delivery.ReaderID{})
	}
	m.settle(&s)
}

func (m *run) forgetSome() {
	to, limit := m.seq("to", 0, m.head()+2), rapid.IntRange(0, 20).Draw(m.T, "limit")
	got, err := m.s.Forget(ctx(), m.app, to, limit)
	m.must(err)
	m.same("events forgotten", got, m.forget(to, limit))
}

// forgetSomeDead sees no dead letters of other Apps: they go at the end of each run.
func (m *run) forgetSomeDead() {
	before, keep := day(rapid.IntRange(1, 10).Draw(m.T, "before")), rapid.IntRange(0, 4).Draw(m.T, "keep")
	aged, beyond, err := m.s.ForgetDead(ctx(), before, keep, 1000)
	m.must(err)
	wantAged, wantBeyond := m.forgetDead(before, keep)
	m.same("dead letters forgotten", []int{aged, beyond}, []int{wantAged, wantBeyond})
}

func (m *run) forgetAllDead() {
	_, _, err := m.s.ForgetDead(ctx(), day(0), 0, 1000)
	m.must(err)
}

func (m *run) redelivery() delivery.Redelivery {
	r := delivery.Redelivery{
		Reader: m.standingReader(), From: m.seq("from", 1, m.head()+1), DeadOnly: m.chance("dead letters only"), By: "administrator", At: day(1),
	}
	r.To = m.seq("to", r.From, m.head()+1)
	if m.chance("one lane") {
		r.Lane = m.drawLane()
	}
	return r
}

func (m *run) redeliver() {
	if len(m.readers) > 5 {
		return
	}
	r := m.redelivery()
	id, err := m.s.Redeliver(ctx(), m.app, r)
	m.must(err)
	if slices.Contains(m.names, id.Name) {
		m.Fatalf("the name %q was given twice", id.Name)
	}
	r.To = min(r.To, int64(len(m.events)))
	m.addReader(id.Name, r.From-1, &r)
	m.open(id.Name)
}

// readAgain reads in small pages what a redelivery would send.
func (m *run) readAgain() {
	r := m.redelivery()
	want := m.again(r)
	page := delivery.Page{Events: rapid.IntRange(1, 5).Draw(m.T, "page"), Bytes: 1 << 20}
	var got []int64
	for {
		events, err := m.s.ReadAgain(ctx(), m.app, r, page)
		m.must(err)
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			m.same("event that is sent again", e, m.events[e.Seq-1])
		}
		got = append(got, seqs(events)...)
		r.From = got[len(got)-1] + 1
	}
	m.same("events that are sent again", got, want)
}

func (m *run) open(name string) {
	p, err := m.s.Open(ctx(), m.id(name))
	m.must(err)
	r := m.readers[name]
	want := delivery.Position{
		Fence: r.fence + 1, Log: logOf(m.app), Cursor: r.cursor, Held: p.Held, Paused: r.paused, Skips: len(r.skips) > 0, Redelivery: r.redelivery,
	}
	m.same("position", p, want)
	got := map[eventlog.Lane]eventlog.Held{}
	for _, h := range p.Held {
		got[h.Lane] = h
	}
	m.same("held lanes", got, r.held)
	r.fence = p.Fence
}

func (m *run) checkLog() {
	log, _, err := m.s.Read(ctx(), m.app, 0, ample)
	m.must(err)
	m.same("log", log, m.log())
}

// checkReaders compares all that can be read of readers without changing it.
func (m *run) checkReaders() {
	var pending, wantPending []string
	m.must(m.s.Pending(ctx(), func(id delivery.ReaderID) error {
		if id.App == m.app {
			pending = append(pending, id.Name)
		}
		return nil
	}))
	backlogs, wantBacklogs := map[string]delivery.Backlog{}, map[string]delivery.Backlog{}
	m.must(m.s.Backlogs(ctx(), func(b delivery.Backlog) error {
		if b.Reader.App == m.app {
			backlogs[b.Reader.Name] = b
		}
		return nil
	}))
	for _, name := range m.names {
		if m.readers[name] != nil {
			if b := m.backlog(name); b != nil {
				wantPending, wantBacklogs[name] = append(wantPending, name), *b
			}
			m.checkSkips(name)
		}
		m.checkRows(name)
	}
	slices.Sort(pending)
	slices.Sort(wantPending)
	m.same("pending", pending, wantPending)
	m.same("backlogs", backlogs, wantBacklogs)
}

func (m *run) checkSkips(name string) {
	skips, err := m.s.Skips(ctx(), m.id(name), []eventlog.Lane{"a", "b", "c"})
	m.must(err)
	got := map[eventlog.Lane]eventlog.Skip{}
	for _, k := range skips {
		got[k.Lane] = k
	}
	m.same("announcements of "+name, got, m.readers[name].skips)
}

func (m *run) checkRows(name string) {
	letters, err := m.h.Dead(m.id(name))
	m.must(err)
	got := map[int64]DeadLetter{}
	for _, d := range letters {
		got[d.Seq] = d
	}
	m.same("dead letters of "+name, got, m.dead[name])
	attempts, err := m.h.Attempts(m.id(name))
	m.must(err)
	gotAttempts := map[int64]eventlog.Attempt{}
	for _, a := range attempts {
		gotAttempts[a.Seq] = a
	}
	m.same("attempts of "+name, gotAttempts, m.attempts[name])
}
