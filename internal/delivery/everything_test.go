package delivery_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// kept is how long the model keeps its log.
const kept = time.Hour

// model is a world in which anything happens, beside a plain record of what was committed, sent and accepted.
type model struct {
	*world
	*rapid.T

	mu       sync.Mutex
	events   map[string][]eventlog.Event // callback events by lane
	callees  []*callee
	registry *prometheus.Registry
	on       bool // whether a callback is configured
}

// callee is one of those who are called: at the callback URL, or at an endpoint.
type callee struct {
	id       delivery.ReaderID
	moods    map[string]reply
	history  map[string][]arrival // calls by lane, in their order, replays left out
	replayed map[string]bool      // "lane.room_seq" of replays that were accepted
}

func newCallee(id delivery.ReaderID) *callee {
	return &callee{id: id, moods: map[string]reply{}, history: map[string][]arrival{}, replayed: map[string]bool{}}
}

// callee draws one.
func (m *model) callee(t *rapid.T) *callee { return rapid.SampledFrom(m.callees).Draw(t, "callee") }

// arrival is one call, and when it was accepted.
type arrival struct {
	roomSeq, from, to int // to: the end of what it announced, 0 for nothing
	at                time.Time
	accepted          bool
}

var lanes = []string{"r0", "r1", "r2", "r3", "r4", "r5"}

// Whatever happens in whatever order: in the end every callback was accepted, is a dead letter or was discarded; those of a lane
// arrived in order; and every gap of a lane was announced by the next callback that was accepted.
func TestEveryCallbackIsDeliveredDeadOrDiscardedWhateverHappens(t *testing.T) {
	dir, n := t.TempDir(), 0
	oneInFive(t)
	rapid.Check(t, func(rt *rapid.T) {
		n++
		var failed any
		synctest.Test(t, func(*testing.T) { failed = anything(rt, filepath.Join(dir, strconv.Itoa(n))) })
		if failed != nil {
			panic(failed) // where rapid expects it
		}
	})
}

// oneInFive makes a fifth of the checks that are asked for: each takes a fifth of a second.
func oneInFive(t *testing.T) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	asked := checks.Value.String()
	n, err := strconv.Atoi(asked)
	if err == nil {
		err = flag.Set("rapid.checks", strconv.Itoa(max(n/5, 1)))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", asked) })
}

// anything is one life of a model; it returns what it panicked with.
func anything(t *rapid.T, dir string) (failed any) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	m := &model{
		world: newWorld(t, dir), T: t, events: map[string][]eventlog.Event{}, callees: []*callee{newCallee(reader1), newCallee(shadow)}, on: true,
	}
	defer func() { failed = recover() }()
	m.begin()
	defer m.shut()
	t.Repeat(m.actions())
	m.end()
	m.check()
	return nil
}

func (m *model) Error(args ...any)            { m.T.Error(args...) }
func (m *model) Errorf(f string, args ...any) { m.T.Errorf(f, args...) }
func (m *model) Fatal(args ...any)            { m.T.Fatal(args...) }
func (m *model) Fatalf(f string, args ...any) { m.T.Fatalf(f, args...) }
func (m *model) Helper()                      { m.T.Helper() }

func (m *model) begin() {
	concurrency, limit := rapid.IntRange(1, 6).Draw(m.T, "concurrency"), rapid.IntRange(1, 6).Draw(m.T, "in flight")
	give := time.Duration(rapid.SampledFrom([]int{0, 2, 40}).Draw(m.T, "give up after")) * time.Second
	m.options = func(o *delivery.Options) {
		keep(kept)(o)
		m.registry = prometheus.NewRegistry()
		o.Metrics, o.InFlight, o.Records = delivery.NewMetrics(m.registry), limit, 40
	}
	m.tap = func(events []eventlog.Event) bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		for _, e := range events {
			if e.Callback {
				m.events[string(e.Lane)] = append(m.events[string(e.Lane)], e)
			}
		}
		return true
	}
	m.backend.reply(m.judge)
	m.boot()
	m.configure(app1, func(a *live.App) { a.Delivery.Concurrency, a.Delivery.GiveUpAfter = concurrency, give })
	m.endpoints("shadow")
	m.editEndpoint("shadow", func(e *live.Endpoint) { e.Delivery = m.eng.App(app1).Delivery })
	for _, name := range lanes {
		m.create(live.RoomID(name))
	}
}

// judge answers as the callee's mood is with a lane, and keeps what was accepted.
func (m *model) judge(c call) reply {
	m.mu.Lock()
	defer m.mu.Unlock()
	who := m.callees[0]
	if c.to() != "" {
		who = m.callees[1]
	}
	answer := who.moods[c.Lane]
	if answer == nil {
		answer = accept
	}
	a := arrival{roomSeq: c.RoomSeq, at: c.At}
	_, _ = fmt.Sscanf(c.Header.Get(callback.HeaderSkipped), "%d-%d", &a.from, &a.to)
	if prev := number(c.Header, callback.HeaderRoomPrev); a.to != 0 && a.to != prev {
		m.Errorf("%s announces %d-%d and follows on %d", c, a.from, a.to, prev)
	}
	replay, i := c.Header.Get(callback.HeaderReplay) != "", len(who.history[c.Lane])
	if !replay {
		who.history[c.Lane] = append(who.history[c.Lane], a)
	}
	m.sameBytes(c)
	return func(ctx context.Context, r egress.Request) egress.Answer {
		got := answer(ctx, r)
		if got.Failure == egress.None && got.Status == 200 {
			m.mu.Lock()
			defer m.mu.Unlock()
			if replay {
				who.replayed[fmt.Sprintf("%s.%d", c.Lane, c.RoomSeq)] = true
			} else {
				who.history[c.Lane][i].accepted = true
			}
		}
		return got
	}
}

func (m *model) sameBytes(c call) {
	for _, e := range m.events[c.Lane] {
		if int(e.RoomSeq) == c.RoomSeq {
			if string(e.Body) != string(c.Body) {
				m.Errorf("%s has the body %s, want %s", c, c.Body, e.Body)
			}
			return
		}
	}
	m.Errorf("%s was never committed", c)
}

func (m *model) actions() map[string]func(*rapid.T) {
	moods := map[string]reply{
		"well": nil, "refuses": status(500), "hangs": hang, "is slow": after(700*time.Millisecond, accept), "is gone": status(410),
		"asks to wait": later(503, 20*time.Second), "refuses slowly": after(3*time.Second, status(502)),
	}
	names := []string{"well", "well", "well", "refuses", "refuses", "hangs", "is slow", "is gone", "asks to wait", "refuses slowly"}
	commit := func(t *rapid.T) {
		for range rapid.IntRange(1, 6).Draw(t, "rooms") {
			m.modify(live.RoomID(rapid.SampledFrom(lanes).Draw(t, "room")), rapid.IntRange(1, 3).Draw(t, "times"))
		}
	}
	pass := func(times ...time.Duration) func(*rapid.T) {
		return func(t *rapid.T) { m.pass(rapid.SampledFrom(times).Draw(t, "time")) }
	}
	rarely := func(n int, do func(*rapid.T)) func(*rapid.T) {
		return func(t *rapid.T) {
			if rapid.IntRange(0, n).Draw(t, "really") != 0 {
				t.Skip("the step is a rare one: rapid draws another")
			}
			do(t)
		}
	}
	return map[string]func(*rapid.T){
		"commit":      commit,
		"commit more": commit,
		"traffic": func(t *rapid.T) { // so that something is accepted while others fail
			one, other := rapid.SampledFrom(lanes).Draw(t, "one"), rapid.SampledFrom(lanes).Draw(t, "other")
			for range rapid.IntRange(3, 10).Draw(t, "seconds") {
				m.modify(live.RoomID(one), 1)
				m.modify(live.RoomID(other), 1)
				m.pass(time.Second)
			}
		},
		"commit much": rarely(4, func(t *rapid.T) { m.modify(live.RoomID(rapid.SampledFrom(lanes).Draw(t, "room")), 70) }),
		"mood": func(t *rapid.T) {
			mood := moods[rapid.SampledFrom(names).Draw(t, "mood")]
			all := rapid.IntRange(0, 3).Draw(t, "all") == 0
			who, one := m.callee(t), rapid.SampledFrom(lanes).Draw(t, "lane")
			m.mu.Lock()
			defer m.mu.Unlock()
			for _, name := range lanes {
				if all || name == one {
					who.moods[name] = mood
				}
			}
		},
		"wait":    pass(10*time.Millisecond, 150*time.Millisecond, time.Second, 2*time.Second, 7*time.Second),
		"a while": pass(20*time.Second, 5*time.Minute),
		"jump":    rarely(2, pass(20*time.Minute, kept-time.Minute, kept+time.Minute)),
		"restart": rarely(1, func(*rapid.T) { m.restart() }),
		"pause":   rarely(1, func(t *rapid.T) { m.insist(m.pauseOf, m.callee(t)) }),
		"resume":  func(t *rapid.T) { m.insist(m.d.Resume, m.callee(t)) },
		"discard": rarely(3, func(*rapid.T) { m.configured(false) }),
		"set":     func(*rapid.T) { m.configured(true) },
		"discard a backlog": rarely(3, func(t *rapid.T) {
			cmd := live.DiscardBacklog{Endpoint: rapid.SampledFrom([]string{"", "shadow"}).Draw(t, "endpoint"), To: m.head()}
			if cmd.To > 0 {
				m.do(app1, cmd)
			}
		}),
		"settings": func(*rapid.T) {
			m.configure(app1, func(a *live.App) { a.Delivery.StrictAnswers = !a.Delivery.StrictAnswers })
		},
		"fenced":            rarely(3, func(t *rapid.T) { _, _ = m.db.Open(context.Background(), m.callee(t).id) }),
		"hand over nothing": rarely(2, func(*rapid.T) { m.d.HandOver(app1, nil) }),
		"store": func(t *rapid.T) {
			methods := []string{"Settle", "Settle", "Open", "Read", "ReadLane", "Skips", "ReadAgain", ""}
			m.store.fail(rapid.SampledFrom([]fault{before, applied}).Draw(t, "fault"), rapid.SampledFrom(methods).Draw(t, "method"))
		},
		"redeliver": rarely(3, func(t *rapid.T) {
			from := rapid.Int64Range(1, 200).Draw(t, "from")
			_, err := m.d.Redeliver(context.Background(), app1, delivery.Redelivery{
				Reader: m.callee(t).id.Name, From: from, To: from + 60, DeadOnly: rapid.Bool().Draw(t, "dead only"), At: time.Now(),
			})
			if err != nil {
				m.Fatal(err)
			}
		}),
	}
}

// insist asks until it is done: another one may have opened the reader.
func (m *model) insist(ask func(context.Context, delivery.ReaderID) error, who *callee) {
	m.store.fail(0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := ask(ctx, who.id); err != nil {
		if again := ask(ctx, who.id); again != nil {
			m.Fatalf("asked twice: %v, %v", err, again)
		}
	}
}

func (m *model) pauseOf(ctx context.Context, id delivery.ReaderID) error {
	return m.d.Pause(ctx, id, asked)
}

func (m *model) configured(on bool) {
	if m.on == on {
		m.Skip("the step does not fit this state: rapid draws another")
	}
	if m.on = on; on {
		m.setCallback()
	} else {
		m.deleteCallback()
	}
}

// end makes everything well, gives every lane one more callback, and waits for all that is left.
func (m *model) end() {
	m.store.fail(0)
	m.mu.Lock()
	for _, who := range m.callees {
		clear(who.moods)
	}
	m.mu.Unlock()
	if !m.on {
		m.configured(true)
	}
	for _, who := range m.callees {
		m.insist(m.d.Resume, who)
	}
	m.pass(11 * time.Minute)
	for _, name := range lanes {
		m.modify(live.RoomID(name), 1)
	}
	m.pass(time.Minute)
}

func (m *model) check() {
	m.checkRest()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, who := range m.callees {
		dead := map[int64]bool{}
		for _, e := range m.lettersOf(who.id) {
			dead[e.Seq] = true
		}
		for _, name := range lanes {
			m.checkFate(who, name, dead)
			m.checkOrder(who, name)
			m.checkGaps(who, name)
		}
	}
	for _, key := range m.backend.overlap {
		if !strings.HasSuffix(key, "/true") { // two redeliveries may send the same
			m.Errorf("two callbacks of one lane were in flight at one time: %s", key)
		}
	}
}

func (m *model) checkRest() {
	m.wantRest("at the end")
	if err := m.d.Ready(); err != nil {
		m.Errorf("not ready: %v", err)
	}
	_ = m.db.Pending(context.Background(), func(id delivery.ReaderID) error {
		m.Errorf("reader %s has something to do", id.Name)
		return nil
	})
	for _, name := range []string{"callboard_lanes_held", "callboard_attempts_in_flight", "callboard_readers_stopped"} {
		families, err := m.registry.Gather()
		if err != nil {
			m.Fatal(err)
		}
		for _, f := range families {
			for _, metric := range f.GetMetric() {
				if f.GetName() == name && metric.GetGauge().GetValue() != 0 {
					m.Errorf("%s%v is %v, want 0", name, metric.GetLabel(), metric.GetGauge().GetValue())
				}
			}
		}
	}
}

// accepted tells when a callback was accepted first; false: never, replays left out.
func (who *callee) accepted(lane string, roomSeq int) (first int, ok bool) {
	for i, a := range who.history[lane] {
		if a.roomSeq == roomSeq && a.accepted {
			return i, true
		}
	}
	return 0, false
}

// head is the number of the last callback.
func (m *model) head() (head int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, list := range m.events {
		head = max(head, list[len(list)-1].Seq)
	}
	return head
}

// checkFate knows that delete_callback discards nothing of an endpoint.
func (m *model) checkFate(who *callee, lane string, dead map[int64]bool) {
	discarded := delivery.DiscardedTo(who.id.Name, m.eng.App(app1))
	for _, e := range m.events[lane] {
		_, ok := who.accepted(lane, int(e.RoomSeq))
		if !ok && !dead[e.Seq] && e.Seq > discarded && !who.replayed[fmt.Sprintf("%s.%d", lane, e.RoomSeq)] {
			m.Errorf("%s: %s.%d (%d) is lost: not accepted, no dead letter, not discarded", who.id.Name, lane, e.RoomSeq, e.Seq)
		}
	}
}

// checkOrder: no callback arrives for the first time after a later one, unless that told that it was skipped.
func (m *model) checkOrder(who *callee, lane string) {
	seen, most := map[int]bool{}, 0
	for i, a := range who.history[lane] {
		if !seen[a.roomSeq] && a.roomSeq < most && !who.announced(lane, a.roomSeq, i) {
			m.Errorf("%s: %s.%d arrived for the first time after %d", who.id.Name, lane, a.roomSeq, most)
		}
		seen[a.roomSeq], most = true, max(most, a.roomSeq)
	}
}

// announced tells whether one of the first n calls announced that a callback was skipped; n -1: of all.
func (who *callee) announced(lane string, roomSeq, n int) bool {
	for _, a := range who.history[lane][:n] {
		if a.to != 0 && a.from <= roomSeq && roomSeq <= a.to {
			return true
		}
	}
	return false
}

// checkGaps: what was not accepted was announced by an accepted call of the next callback that was, unless the log had
// forgotten it by then.
func (m *model) checkGaps(who *callee, lane string) {
	var gap []eventlog.Event
	for _, e := range m.events[lane] {
		first, ok := who.accepted(lane, int(e.RoomSeq))
		if !ok {
			gap = append(gap, e)
			continue
		}
		if len(gap) > 0 && !who.explained(lane, &e, gap) {
			m.Errorf("%s: %s.%d was accepted and did not announce that %d to %d were skipped: %+v", who.id.Name, lane, e.RoomSeq,
				gap[0].RoomSeq, gap[len(gap)-1].RoomSeq, who.history[lane][first])
		}
		gap = nil
	}
}

func (who *callee) explained(lane string, e *eventlog.Event, gap []eventlog.Event) bool {
	for _, a := range who.history[lane] {
		if a.roomSeq != int(e.RoomSeq) || !a.accepted {
			continue
		}
		known := gap // that the log had not forgotten by then
		for len(known) > 0 && a.at.Sub(time.UnixMilli(known[0].Time)) > kept {
			known = known[1:]
		}
		if len(known) == 0 || a.to == int(known[len(known)-1].RoomSeq) && a.from <= int(known[0].RoomSeq) {
			return true
		}
	}
	return false
}
