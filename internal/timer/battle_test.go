package timer_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/pgtest"
	"github.com/callboard/callboard/internal/postgres"
	"github.com/callboard/callboard/internal/sqlite"
	"github.com/callboard/callboard/internal/timer"
)

const app live.AppID = 1400000001

// store is a real one.
type store interface {
	engine.Store
	timer.Store
	Read(ctx context.Context, app live.AppID, after int64, page delivery.Page) ([]eventlog.Event, bool, error)
	Parts(ctx context.Context, app live.AppID, ids []live.PartID) ([]live.Part, error)
	Close() error
}

// node is an engine on a real store, with the timer that is tested.
type node struct {
	testing.TB
	store  store
	engine *engine.Engine
	ended  chan string // the BattleIds of ends that were handed over

	stopTime context.CancelFunc
	timing   sync.WaitGroup
	running  sync.WaitGroup
}

// HandOver implements engine.Reader.
func (n *node) HandOver(_ live.AppID, events []eventlog.Event) {
	for i := range events {
		if b, ok := ended(n, &events[i]); ok {
			n.ended <- b.BattleID
		}
	}
}

// SettingsChanged implements engine.Reader.
func (n *node) SettingsChanged(live.AppID) {}

// ended decodes the end of a battle.
func ended(t testing.TB, e *eventlog.Event) (b callback.EndBattle, ok bool) {
	t.Helper()
	if e.Command != string(callback.CommandAfterEndBattle) {
		return b, false
	}
	if err := json.Unmarshal(e.Body, &b); err != nil {
		t.Error(err)
	}
	return b, true
}

// start makes a node and lets it run, with so many timers.
func start(t testing.TB, s store, committers, timers int) *node {
	t.Helper()
	n := &node{TB: t, store: s, ended: make(chan string, 1000)}
	n.engine = engine.New(engine.Options{Store: s, Reader: n, Committers: committers})
	if err := n.engine.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.running.Go(func() { n.engine.Run(context.Background()) })
	n.do(live.ConfigureApp{App: live.App{ID: app, Callback: &live.Callback{
		URL: "http://192.0.2.1/", Commands: []string{string(callback.CommandAfterEndBattle)},
	}}})
	ctx, cancel := context.WithCancel(context.Background())
	n.stopTime = cancel
	for range timers {
		n.timing.Go(func() { timer.New(s, n.engine, nil).Run(ctx) })
	}
	return n
}

// stop ends a node as a server does that is stopped: the timers, the engine, the store.
func (n *node) stop() {
	n.Helper()
	n.stopTime()
	n.timing.Wait()
	n.engine.Stop()
	n.running.Wait()
	if err := n.store.Close(); err != nil {
		n.Error(err)
	}
}

func (n *node) do(c live.Command) live.Outcome {
	n.Helper()
	out, err := n.engine.Do(context.Background(), app, live.Actor{Account: "administrator"}, c)
	if err != nil {
		n.Fatalf("%s: %v", c.Name(), err)
	}
	return out
}

// battle creates two rooms and starts the i-th battle between them.
func (n *node) battle(i int, d time.Duration) live.BattleID {
	n.Helper()
	from, to := live.RoomID(fmt.Sprintf("from-%d", i)), live.RoomID(fmt.Sprintf("to-%d", i))
	for _, id := range []live.RoomID{from, to} {
		n.do(live.CreateRoom{Room: id, Type: live.RoomType})
	}
	c := live.CreateBattle{Room: from, To: []live.RoomID{to}, Duration: d.Milliseconds()}
	binary.BigEndian.PutUint64(c.Random[:], uint64(i))
	return n.do(c).Reply.Battle.ID
}

// ends reads the ends of battles from the log.
func (n *node) ends() []callback.EndBattle {
	n.Helper()
	events, _, err := n.store.Read(context.Background(), app, 0, delivery.Page{Events: 1000, Bytes: 1 << 24})
	if err != nil {
		n.Fatal(err)
	}
	var list []callback.EndBattle
	for i := range events {
		b, ok := ended(n, &events[i])
		if !ok {
			continue
		}
		if events[i].Operator != string(live.SystemAccount) {
			n.Errorf("the battle %s was ended by %q", b.BattleID, events[i].Operator)
		}
		list = append(list, b)
	}
	return list
}

func openSQLite(t testing.TB, path string) store {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestBattleThatRanOutWhileTheServerWasDownEndsOnceAtTheNextStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "callboard.db")
		begun := time.Now()
		first := start(t, openSQLite(t, path), 1, 1)
		id := first.battle(1, time.Minute)
		time.Sleep(30 * time.Second)
		if got := first.ends(); got != nil {
			t.Errorf("after half of its time the battle ended: %+v", got)
		}
		first.stop()

		time.Sleep(5 * time.Minute)
		second := start(t, openSQLite(t, path), 1, 2)
		time.Sleep(10 * time.Second)
		want := []callback.EndBattle{{
			CallbackCommand: callback.CommandAfterEndBattle, BattleID: string(id), Duration: 60_000,
			CreateTime: callback.Seconds(begun.Unix()), StartTime: callback.Seconds(begun.Unix()),
			EndTime:      callback.Seconds(begun.Add(time.Minute).Unix()),
			FromRoomInfo: callback.ScoredRoom{RoomID: "from-1", OwnerAccount: "administrator"},
			ToRoomList:   []callback.ScoredRoom{{RoomID: "to-1", OwnerAccount: "administrator"}},
			EventTime:    callback.Millis(begun.Add(30*time.Second + 5*time.Minute).UnixMilli()),
		}}
		if diff := cmp.Diff(want, second.ends()); diff != "" {
			t.Errorf("ends of battles (-want +got):\n%s", diff)
		}
		if kept := second.kept(id); kept == nil {
			t.Error("the battle cannot be read after its end")
		}
		second.stop()

		time.Sleep(live.KeepBattles)
		third := start(t, openSQLite(t, path), 1, 1)
		time.Sleep(10 * time.Second)
		if kept := third.kept(id); kept != nil {
			t.Errorf("after %s the battle is not forgotten", live.KeepBattles)
		}
		if got := len(third.ends()); got != 1 {
			t.Errorf("the battle ended %d times, want once", got)
		}
		if due, err := third.store.DueParts(t.Context(), time.Now().Add(time.Hour), 10); err != nil || len(due) != 0 {
			t.Errorf("%v, %v is due, want nothing any more", due, err)
		}
		third.stop()
	})
}

func (n *node) kept(id live.BattleID) live.Part {
	n.Helper()
	parts, err := n.store.Parts(context.Background(), app, []live.PartID{live.EndedBattle("from-1", id)})
	if err != nil {
		n.Fatal(err)
	}
	return parts[0]
}

// Battles of a room that is destroyed do not come back, and none of its life before ends in the next one.
func TestBattleOfALifeThatEndedIsNotDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := start(t, openSQLite(t, filepath.Join(t.TempDir(), "callboard.db")), 1, 1)
		n.battle(1, time.Minute)
		n.do(live.DestroyRoom{Room: "from-1"})
		<-n.ended
		n.do(live.CreateRoom{Room: "from-1", Type: live.RoomType})
		time.Sleep(2 * time.Minute)
		select {
		case id := <-n.ended:
			t.Errorf("the battle %s ended again", id)
		default:
		}
		n.stop()
	})
}

func TestTwoTimersEndEachBattleOnce(t *testing.T) {
	for name, nodes := range map[string]func(t *testing.T) []*node{
		// A file belongs to one process: two timers in it.
		"sqlite": func(t *testing.T) []*node {
			return []*node{start(t, openSQLite(t, filepath.Join(t.TempDir(), "callboard.db")), 1, 2)}
		},
		"postgres": func(t *testing.T) []*node {
			url := pgtest.Database(t)
			var list []*node
			for range 2 {
				db, err := postgres.Open(t.Context(), postgres.Options{URL: url})
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, start(t, db, db.Committers(), 1))
			}
			return list
		},
	} {
		t.Run(name, func(t *testing.T) { endBattlesOnce(t, nodes(t)) })
	}
}

func endBattlesOnce(t *testing.T, nodes []*node) {
	const battles = 20
	counts := map[string]int{}
	var ids []live.BattleID
	for i := range battles {
		ids = append(ids, nodes[i%len(nodes)].battle(i, time.Second))
	}
	heard := make(chan string)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, n := range nodes {
		go func() {
			for {
				select {
				case id := <-n.ended:
					heard <- id
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	for range battles {
		select {
		case <-heard:
		case <-ctx.Done():
			t.Fatal("not all battles ended")
		}
	}
	// What a timer would do that saw them due at the same moment, and was held up.
	for _, n := range nodes {
		for i, id := range ids {
			n.do(live.OnDue(live.EndedBattle(live.RoomID(fmt.Sprintf("from-%d", i)), id)))
		}
	}
	for _, b := range nodes[0].ends() {
		counts[b.BattleID]++
	}
	for _, id := range ids {
		if got := counts[string(id)]; got != 1 {
			t.Errorf("battle %s ended %d times, want once", id, got)
		}
	}
	for _, n := range nodes {
		n.stop()
	}
}
