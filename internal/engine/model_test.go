package engine_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// TestRandomCommandsAgreeWithTheModel runs random commands on the engine, a real database below it, and on a model of the
// rules. After every step the rooms in the database are those of the model, the new events are those that the model expects,
// and an App backend that follows the log has the same picture of every room. As many Apps change at the same time as there
// are committers.
func TestRandomCommandsAgreeWithTheModel(t *testing.T) {
	for _, committers := range []int{1, 3} {
		t.Run(fmt.Sprintf("committers=%d", committers), func(t *testing.T) {
			f := newFixture(t, engine.Options{Committers: committers})
			f.start()
			var apps atomic.Uint32
			for range committers {
				t.Run("App", func(t *testing.T) {
					t.Parallel()
					rapid.Check(t, func(t *rapid.T) { checkAgainstModel(t, f, live.AppID(apps.Add(1))) })
				})
			}
		})
	}
}

func checkAgainstModel(t *rapid.T, f *fixture, app live.AppID) {
	m := &machine{T: t, f: f, app: app, rooms: map[live.RoomID]*modelRoom{}, mirror: newMirror()}
	m.battles, m.seated = map[live.RoomID]*modelBattle{}, map[live.RoomID]*[modelSeats]modelSeat{}
	m.run(live.ConfigureApp{App: live.App{ID: m.app, FeedCommands: seatsAndBattles}}, 0)
	t.Repeat(map[string]func(*rapid.T){
		"":             func(*rapid.T) { m.check() },
		"create":       m.create,
		"destroy":      m.destroy,
		"add":          func(t *rapid.T) { m.modify(t, live.AddAdministrators) },
		"delete":       func(t *rapid.T) { m.modify(t, live.DeleteAdministrators) },
		"change owner": m.changeOwner,
		"update":       m.update,
		"battle":       m.battle,
		"score":        m.score,
		"sit":          m.sit,
		"lock seat":    m.lockSeat,
		"subscribe":    m.subscribe,
		"unsubscribe":  m.unsubscribe,
		"speak":        m.speak,
		"enter":        m.enter,
		"leave":        m.leave,
		"ban":          m.ban,
		"unban":        m.unban,
		"mute":         m.mute,
		"add robot":    m.addRobot,
		"del robot":    m.delRobot,
	})
}

// modelRoom is what the model knows of a room.
type modelRoom struct {
	owner          live.Account
	administrators []live.Account
	notice         string
	messages       int64
	// Who is there and who is banned; a ban outlasts the test.
	members, banned map[live.Account]bool
	muted           map[live.Account]bool // a mute outlasts the test too
	robots          []live.Account
	views           int64
}

// machine is one random run: an App of its own.
type machine struct {
	*rapid.T
	f        *fixture
	app      live.AppID
	rooms    map[live.RoomID]*modelRoom
	switches map[callback.Command]bool
	set      bool // a callback is configured
	wants    []wanted
	mirror   *mirror

	battles map[live.RoomID]*modelBattle // by room that is in it
	started []*modelBattle
	seated  map[live.RoomID]*[modelSeats]modelSeat
}

// wanted is an event that the model expects.
type wanted struct {
	Lane     live.RoomID
	Command  callback.Command
	Callback bool
}

var (
	roomIDs  = rapid.SampledFrom([]live.RoomID{"r1", "r2", "r3"})
	accounts = rapid.SampledFrom([]live.Account{"a", "b", "c", "d", "e", "f", "g"})
)

// run runs a command and compares how it ends.
func (m *machine) run(cmd live.Command, want live.Kind) {
	m.Helper()
	_, err := m.f.engine.Do(context.Background(), m.app, actor, cmd)
	if got := kind(err); got != want {
		m.Fatalf("%s %+v: answer %v of kind %d, want kind %d", cmd.Name(), cmd, err, got, want)
	}
}

func (m *machine) expect(id live.RoomID, command callback.Command) {
	m.wants = append(m.wants, wanted{id, command, m.set && m.switches[command]})
}

func (m *machine) create(t *rapid.T) {
	id, owner := roomIDs.Draw(t, "room"), accounts.Draw(t, "owner")
	cmd := live.CreateRoom{Room: id, Type: live.RoomType, Owner: owner, Attributes: withSeats}
	switch r := m.rooms[id]; {
	case r == nil:
		m.run(cmd, 0)
		m.rooms[id] = &modelRoom{owner: owner, members: map[live.Account]bool{}, banned: map[live.Account]bool{}, muted: map[live.Account]bool{}}
		m.expect(id, callback.CommandAfterCreateRoom)
	case r.owner == owner:
		m.run(cmd, live.RoomExists)
	default:
		m.run(cmd, live.RoomTaken)
	}
}

func (m *machine) destroy(t *rapid.T) {
	id := roomIDs.Draw(t, "room")
	if m.rooms[id] == nil {
		m.run(live.DestroyRoom{Room: id}, live.RoomNotFound)
		return
	}
	m.run(live.DestroyRoom{Room: id}, 0)
	delete(m.rooms, id)
	delete(m.seated, id)
	m.leaveBattle(id)
	m.expect(id, callback.CommandAfterDestroyRoom)
}

func (m *machine) modify(t *rapid.T, op live.AdminOp) {
	id, named := roomIDs.Draw(t, "room"), rapid.SliceOfN(accounts, 1, 5).Draw(t, "accounts")
	cmd := live.ModifyAdmin{Room: id, Accounts: named, Op: op}
	r := m.rooms[id]
	if r == nil {
		m.run(cmd, live.RoomNotFound)
		return
	}
	next := r.with(named, op == live.AddAdministrators)
	switch {
	case op == live.AddAdministrators && slices.Contains(named, r.owner):
		m.run(cmd, live.InvalidParameter)
	case len(next) > live.MaxAdministrators:
		m.run(cmd, live.TooManyAdministrators)
	default:
		m.run(cmd, 0)
		if len(next) != len(r.administrators) {
			m.expect(id, callback.CommandAfterModifyAdmin)
		}
		r.administrators = next
	}
}

// with is the administrators after those named have come or gone.
func (r *modelRoom) with(named []live.Account, come bool) []live.Account {
	next := slices.Clone(r.administrators)
	for _, a := range named {
		if i := slices.Index(next, a); i >= 0 && !come {
			next = slices.Delete(next, i, i+1)
		} else if i < 0 && come {
			next = append(next, a)
		}
	}
	return next
}

func (m *machine) changeOwner(t *rapid.T) {
	id, owner := roomIDs.Draw(t, "room"), accounts.Draw(t, "owner")
	cmd := live.ChangeOwner{Room: id, NewOwner: owner}
	r := m.rooms[id]
	if r == nil {
		m.run(cmd, live.RoomNotFound)
		return
	}
	m.run(cmd, 0)
	if r.owner == owner {
		return
	}
	if slices.Contains(r.administrators, owner) {
		r.administrators = r.with([]live.Account{owner}, false)
		m.expect(id, callback.CommandAfterModifyAdmin)
	}
	r.owner = owner
	delete(r.banned, owner)
	delete(r.muted, owner)
	m.expect(id, callback.CommandAfterChangeOwner)
}

func (m *machine) update(t *rapid.T) {
	id, notice := roomIDs.Draw(t, "room"), rapid.SampledFrom([]string{"", "one", "two"}).Draw(t, "notice")
	cmd := live.UpdateRoom{Room: id, Attributes: live.Attributes{Notice: &notice}}
	r := m.rooms[id]
	if r == nil {
		m.run(cmd, live.RoomNotFound)
		return
	}
	m.run(cmd, 0)
	if r.notice != notice {
		r.notice = notice
		m.expect(id, callback.CommandAfterUpdateRoomInfo)
	}
}

// speak sends a message, with the App backend asked or not, which is logged only when it is called back.
func (m *machine) speak(t *rapid.T) {
	id := roomIDs.Draw(t, "room")
	cmd := live.SendText{Room: id, From: accounts.Draw(t, "sender"), Text: "hello"}
	if drop := rapid.Bool().Draw(t, "drop"); drop {
		cmd.Ruling = &live.MessageRuling{Drop: true}
	}
	r := m.rooms[id]
	if r == nil {
		m.run(cmd, live.RoomNotFound)
		return
	}
	if r.muted[cmd.From] {
		m.run(live.Rehearsal{Of: cmd}, live.MemberMuted)
		m.run(cmd, live.MemberMuted)
		return
	}
	m.run(live.Rehearsal{Of: cmd}, 0)
	m.run(cmd, 0)
	if cmd.Ruling != nil {
		return
	}
	r.messages++
	if m.set && m.switches[callback.CommandAfterSendMessage] {
		m.wants = append(m.wants, wanted{id + "/messages", callback.CommandAfterSendMessage, true})
	}
}

func (m *machine) subscribe(t *rapid.T) {
	words := []callback.Command{
		callback.CommandAfterSendMessage,
		callback.CommandAfterCreateRoom, callback.CommandAfterDestroyRoom, callback.CommandAfterUpdateRoomInfo,
		callback.CommandAfterChangeOwner, callback.CommandAfterModifyAdmin, callback.CommandAfterSeatInfoChanged,
		callback.CommandAfterCreateBattle, callback.CommandAfterStartBattle, callback.CommandAfterEndBattle,
		callback.CommandAfterMemberStateChanged,
	}
	switches := map[callback.Command]bool{}
	c := live.Callback{URL: "http://192.0.2.1/"}
	for _, word := range words {
		if switches[word] = rapid.Bool().Draw(t, string(word)); switches[word] {
			c.Commands = append(c.Commands, string(word))
		}
	}
	if m.set {
		m.run(live.SetCallback{Callback: c}, live.CallbackExists)
		m.run(live.UpdateCallback{Callback: c}, 0)
	} else {
		m.run(live.UpdateCallback{Callback: c}, live.CallbackNotFound)
		m.run(live.SetCallback{Callback: c}, 0)
	}
	m.set, m.switches = true, switches
}

func (m *machine) unsubscribe(*rapid.T) {
	m.run(live.DeleteCallback{}, 0)
	if m.set {
		m.same("DiscardTo", m.f.engine.App(m.app).DiscardTo, m.mirror.seq+int64(len(m.wants)))
	}
	m.set = false
}

// check compares the model with the database and with the picture that the log gives.
func (m *machine) check() {
	events, _, err := m.f.db.Read(context.Background(), m.app, m.mirror.seq, delivery.Page{Events: 100, Bytes: 1 << 20})
	if err != nil {
		m.Fatal(err)
	}
	var got []wanted
	for i := range events {
		got = append(got, wanted{live.RoomID(events[i].Lane), callback.Command(events[i].Command), events[i].Callback})
		if err := m.mirror.apply(&events[i]); err != nil {
			m.Fatal(err)
		}
	}
	m.same("new events", got, m.wants)
	m.wants = nil
	for _, id := range []live.RoomID{"r1", "r2", "r3"} {
		m.checkRoom(id)
		m.checkBattle(id)
		m.checkSeats(id)
	}
}

func (m *machine) checkRoom(id live.RoomID) {
	stored, err := m.f.db.Room(context.Background(), m.app, id)
	if err != nil {
		m.Fatal(err)
	}
	var got *modelRoom
	if stored != nil {
		got = &modelRoom{owner: stored.Owner, administrators: stored.Administrators, notice: stored.Notice, messages: m.messages(id), robots: stored.Robots}
		m.readMembers(id, got)
	}
	m.same(fmt.Sprintf("room %s in the database", id), got, m.rooms[id])
	var roles *live.Roles
	if r := m.rooms[id]; r != nil {
		roles = &live.Roles{Owner: r.owner, Administrators: r.administrators}
	}
	m.same(fmt.Sprintf("room %s as the log tells", id), m.mirror.rooms[string(id)], roles)
}

// messages is how many messages of a room the database has counted.
func (m *machine) messages(id live.RoomID) int64 {
	parts, err := m.f.db.Parts(context.Background(), m.app, []live.PartID{live.TallyOf(id)})
	if err != nil {
		m.Fatal(err)
	}
	if t, ok := parts[0].(*live.Tally); ok {
		return t.Messages
	}
	return 0
}

func (m *machine) same(what string, got, want any) {
	m.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.AllowUnexported(modelRoom{})); diff != "" {
		m.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// seatsAndBattles are logged in each App of the model, so that its mirror sees them.
var seatsAndBattles = []string{
	string(callback.CommandAfterSeatInfoChanged), string(callback.CommandAfterCreateBattle),
	string(callback.CommandAfterStartBattle), string(callback.CommandAfterEndBattle),
}
