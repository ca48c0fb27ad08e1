package bench

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// Every kind of call is applied to the real rules, and its callback must be told from all others by the script.
func TestScriptKnowsTheCallbackOfEveryCall(t *testing.T) {
	admin := func(op live.AdminOp) live.RoomCommand {
		return live.ModifyAdmin{Room: "r0", Op: op, Accounts: []live.Account{"m3"}}
	}
	label := func(s string) live.Attributes { return live.Attributes{Name: &s} }
	steps := []struct {
		kind    actKind
		number  uint32
		command live.RoomCommand
	}{
		{create, 1, live.CreateRoom{Room: "r0", Type: live.RoomType, Owner: "anchor", Attributes: label("m1")}},
		{update, 2, live.UpdateRoom{Room: "r0", Attributes: label("m2")}},
		{add, 3, admin(live.AddAdministrators)},
		{remove, 3, admin(live.DeleteAdministrators)},
		{change, 4, live.ChangeOwner{Room: "r0", NewOwner: "m4"}},
		{destroy, 2, live.DestroyRoom{Room: "r0"}},
	}
	var room *live.Room
	var bodies [][]byte
	for _, s := range steps {
		out, err := s.command.Apply(oneRoom{room}, restActor, time.Unix(1_700_000_000, 0))
		if err != nil || len(out.Events) != 1 {
			t.Fatalf("%s: %d events, error %v; want one", s.command.Name(), len(out.Events), err)
		}
		body, err := wire.Body(&out.Events[0], administrator, 1_700_000_000_000)
		if err != nil {
			t.Fatal(err)
		}
		room, bodies = out.Room, append(bodies, body)
	}
	for i, s := range steps {
		for j, body := range bodies {
			if got, want := (act{kind: s.kind, number: s.number}).told(body), i == j; got != want {
				t.Errorf("call %d is told by callback %d: %v, want %v: %s", i, j, got, want, body)
			}
		}
	}
}

func TestScriptNotesWhatComesInAnotherOrderOrNotAtAll(t *testing.T) {
	s := newScript(1, 8, 10)
	l := newLedger()
	l.script = s
	for n := range uint32(3) {
		s.expect(0, 7, add, n+1, s.begun)
	}
	for seq, account := range []string{"m1", "m3"} {
		a := sample(int64(seq + 1))
		a.body = toggle{account: account}.body("r7", 1)
		l.arrive(&a)
	}
	compare(t, l.verdict(2, 0), []string{`was to come`, "1 callbacks not those that were to come"})
	if got := s.owed.Load(); got != 1 {
		t.Errorf("%d callbacks are still to come, want 1", got)
	}
	s.doubt(0, 7)
	if got := s.owed.Load(); got != 0 {
		t.Errorf("%d callbacks are still to come of a call of unknown outcome, want 0", got)
	}
}

func TestRoomCreatedAnewMayBeginAboveWhatTheLogForgot(t *testing.T) {
	for kind, want := range map[actKind][]string{create: nil, add: {"says that it follows on Room-Seq 0", "1 callbacks altered"}} {
		s := newScript(1, 8, 10)
		l := newLedger()
		l.script = s
		s.expect(0, 7, add, 1, s.begun)
		first := with(sample(1), func(*arrival) {})
		first.body = toggle{account: "m1"}.body("r7", 1)
		l.arrive(&first)
		s.expect(0, 7, kind, 1, s.begun)
		a := with(sample(2), func(a *arrival) { a.roomSeq, a.roomPrev = 31, 0 })
		a.body = toggle{account: "m1"}.body("r7", 1)
		if kind == create {
			a.body = []byte(`{"CallbackCommand":"Live.CallbackAfterCreateRoom","RoomInfo":{"RoomId":"r7","RoomName":"m1"}}`)
		}
		l.arrive(&a)
		compare(t, l.verdict(2, 0), want)
		if got := l.forgotten == 1; got != (kind == create) {
			t.Errorf("kind %d: counted as forgotten: %v", kind, got)
		}
	}
}

func TestRefusedCallbackMayComeAgainAndNothingBeforeIt(t *testing.T) {
	l := newLedger()
	well := false
	l.mood = func(int, time.Time) verdict {
		if well {
			return accept
		}
		return refuse
	}
	first, second := sample(1), sample(2)
	if got := l.arrive(&first); got != refuse {
		t.Errorf("verdict %d, want that it is refused", got)
	}
	well = true
	l.arrive(&first)
	l.arrive(&second)
	compare(t, l.verdict(2, 0), nil)
	well = false
	third, fourth := sample(3), sample(4)
	l.arrive(&third)
	well = true
	l.arrive(&fourth)
	compare(t, l.verdict(3, 0)[:2], []string{"overtook", "gap"})
}

func TestRoomsLiveAndDieAndSomeRest(t *testing.T) {
	s := newScript(1, 3, 10)
	c, err := newCast(newHostClient("127.0.0.1:9", 1), 0, 3, s, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[actKind]int{}
	rooms := map[int]bool{}
	for range 4000 {
		if len(c.ready) == 0 {
			break
		}
		p := c.next(t.Context(), time.Now())
		kind, number := c.part(p)
		seen[kind]++
		rooms[p.index] = true
		if body := string(mixedRequest(kind, p.name, fmt.Sprint("m", number))); !strings.Contains(body, p.name) {
			t.Fatalf("the call %s does not name the room %s", body, p.name)
		}
		c.back(p, kind, number)
	}
	if len(rooms) != 3 || len(c.resting) != 3 {
		t.Errorf("%d rooms were used and %d rest in the end, want 3 and 3", len(rooms), len(c.resting))
	}
	if seen[create] != seen[destroy] || seen[create] != 3*restOneIn {
		t.Errorf("%d creations and %d ends, want %d of both", seen[create], seen[destroy], 3*restOneIn)
	}
	for kind := range callNames {
		if seen[actKind(kind)] == 0 {
			t.Errorf("no call of kind %d", kind)
		}
	}
	if p := c.next(t.Context(), time.Now().Add(2*time.Hour)); p == nil {
		t.Error("a room that rested long enough is not used")
	}
	over, end := context.WithCancel(t.Context())
	end()
	if p := c.next(over, time.Now()); p != nil {
		t.Error("a room was used that rests")
	}
}

func TestWeatherChangesInItsCycleUntilItIsCalm(t *testing.T) {
	w := &weather{begun: time.Now(), cycle: 8 * time.Minute}
	var got []spell
	for minute := range 9 {
		got = append(got, w.at(w.begun.Add(time.Duration(minute)*time.Minute+time.Second)))
	}
	if diff := cmp.Diff([]spell{fine, fine, errors5, fine, gone, fine, hanging, fine, fine}, got); diff != "" {
		t.Errorf("weather of each minute (-want +got):\n%s", diff)
	}
	w.calm.Store(true)
	if got := w.verdict(w.begun.Add(6*time.Minute + time.Second)); got != accept {
		t.Errorf("verdict %d when it is calm, want that it accepts", got)
	}
}

func TestSeriesIsCutIntoPartsOfEqualLength(t *testing.T) {
	var samples []float64
	for i := range 13 {
		samples = append(samples, float64(i))
	}
	all := 0
	for i := range parts {
		all += len(part(samples, i))
	}
	if all != len(samples) {
		t.Errorf("the parts have %d samples, want %d", all, len(samples))
	}
	if diff := cmp.Diff([]float64{10, 11, 12}, part(samples, 5)); diff != "" {
		t.Errorf("the last part (-want +got):\n%s", diff)
	}
	if got := mean(part(samples, 5)); got != 11 {
		t.Errorf("mean %v, want 11", got)
	}
}

// What is kept for each callback bounds how long mixed can be played in a gigabyte.
func TestLedgerTakesFewBytesForACallback(t *testing.T) {
	const callbacks = 100_000
	var r rows
	var got int
	for seq := range int64(callbacks) {
		r.at(seq + 1).sum = 1
	}
	for range r.seen {
		got++
	}
	if got != callbacks {
		t.Errorf("%d rows were seen, want %d", got, callbacks)
	}
	if bytes := len(r.pieces) * rowPiece * 16; bytes > 17*callbacks {
		t.Errorf("%d bytes for %d callbacks, want about 16 each", bytes, callbacks)
	}
}

// oneRoom is a state with at most one room, and no parts.
type oneRoom struct{ room *live.Room }

func (oneRoom) App() *live.App                { return &live.App{} }
func (oneRoom) Part(live.PartID) live.Part    { return nil }
func (oneRoom) Rooms() int64                  { return 0 }
func (o oneRoom) Room(live.RoomID) *live.Room { return o.room }
