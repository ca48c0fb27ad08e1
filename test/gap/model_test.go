package gap

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/callboard/callboard/callback"
)

const commandEnter callback.Command = "Live.CallbackAfterMemberStateChanged"

// event is a row of the log, as the feed shows it.
type event struct {
	ID                        string `json:"Id"`
	Seq, Prev                 int64
	Lane                      string
	RoomSeq, RoomPrev         int64
	RoomState                 string
	Command                   callback.Command
	Callback                  bool
	Time                      int64
	Operator, Cause, ClientIP string
	OptPlatform               string
	Body                      json.RawMessage
}

// life is what a backup has: everything but the name of the log.
type life struct {
	events    []*event // all of the log, by Seq - 1
	forgotten int64    // events up to here cannot be read any more
	rooms     map[string]roles
	lanes     map[string]numbers
	last      int64 // Seq of the last callback event
	sender    sender
}

// numbers are the last numbers of a lane.
type numbers struct{ seq, callback int64 }

// model is a backend in memory.
type model struct {
	life
	id     uint32
	dice   *dice
	logs   int // how many there were
	name   string
	off    map[callback.Command]bool
	saved  sender // what is stored of the sender
	kept   life
	proxy  http.Handler // where callbacks go
	during func()       // what others do during a request to the feed

	cloud bool // a callback that fails is lost
	calm  bool // nothing fails any more
}

func newModel(id uint32, dice *dice, proxy http.Handler, during func()) *model {
	m := &model{id: id, dice: dice, proxy: proxy, during: during, off: map[callback.Command]bool{}}
	m.life = life{rooms: map[string]roles{}, lanes: map[string]numbers{}, sender: newSender()}
	m.saved = newSender()
	m.cloud = dice.oneIn(5)
	m.begin()
	m.backup()
	return m
}

// begin gives the log a name of its own.
func (m *model) begin() {
	m.logs++
	m.name = fmt.Sprintf("log%c%04d", 'a'+rune(m.logs), m.id%10000)
}

func (m *model) app() uint32 { return m.id }
func (m *model) log() string { return m.name }
func (m *model) settle()     { m.calm = true }

func (m *model) history() []happened {
	var list []happened
	for _, e := range m.events {
		if e.Callback {
			list = append(list, happened{e.Lane, e.Seq, e.RoomSeq})
		}
	}
	return list
}

func (l *life) clone() life {
	c := *l
	c.events = slices.Clone(l.events)
	c.rooms, c.lanes, c.sender = maps.Clone(l.rooms), maps.Clone(l.lanes), l.sender.clone()
	return c
}

func (m *model) rooms() map[string]roles { return m.life.rooms }
func (m *model) backup()                 { m.kept = m.clone() }

func (m *model) renew() {
	m.life = m.kept.clone()
	m.saved = m.sender.clone()
	m.begin()
}

func (m *model) turn(command callback.Command, on bool) { m.off[command] = !on }

func (m *model) change(c change) {
	room, exists := m.life.rooms[c.room]
	if exists == (c.kind == create) {
		return
	}
	at := callback.Millis(1700000000000)
	switch c.kind {
	case create:
		m.set(c.room, &roles{Owner: c.account})
		m.append(c.room, callback.CommandAfterCreateRoom, callback.CreateRoom{CallbackCommand: callback.CommandAfterCreateRoom,
			OperatorAccount: "administrator", RoomInfo: callback.CreatedRoom{RoomID: c.room, OwnerAccount: c.account}, EventTime: at})
	case destroy:
		m.set(c.room, nil)
		m.append(c.room, callback.CommandAfterDestroyRoom, callback.DestroyRoom{CallbackCommand: callback.CommandAfterDestroyRoom,
			OperatorAccount: "administrator", RoomID: c.room, EventType: callback.DestroyByUser, EventTime: at})
	case giveOwner:
		if room.Owner == c.account {
			return
		}
		m.modify(c.room, callback.OpDelete, c.account)
		before := room.Owner
		room = m.life.rooms[c.room]
		room.Owner = c.account
		m.set(c.room, &room)
		m.append(c.room, callback.CommandAfterChangeOwner, callback.ChangeOwner{CallbackCommand: callback.CommandAfterChangeOwner,
			RoomID: c.room, EventTime: at, OperatorAccount: "administrator", CurrentOwnerAccount: c.account, OriginalOwnerAccount: before})
	case addAdministrator:
		if room.Owner != c.account {
			m.modify(c.room, callback.OpAdd, c.account)
		}
	case deleteAdministrator:
		m.modify(c.room, callback.OpDelete, c.account)
	case enter:
		m.append(c.room+"/members", commandEnter, map[string]any{"CallbackCommand": commandEnter, "RoomId": c.room, "x": "<&>"})
	}
}

func (m *model) set(room string, r *roles) {
	if r == nil {
		delete(m.life.rooms, room)
		return
	}
	m.life.rooms[room] = *r
}

// modify adds or deletes one administrator, if that changes anything.
func (m *model) modify(room, op string, account callback.Account) {
	r := m.life.rooms[room]
	has := slices.Contains(r.Administrators, account)
	if has == (op == callback.OpAdd) || op == callback.OpAdd && len(r.Administrators) == 5 {
		return
	}
	list := slices.DeleteFunc(slices.Clone(r.Administrators), func(a callback.Account) bool { return a == account })
	if op == callback.OpAdd {
		list = append(list, account)
	}
	slices.Sort(list)
	r.Administrators = list
	m.set(room, &r)
	m.append(room, callback.CommandAfterModifyAdmin, callback.ModifyAdmin{CallbackCommand: callback.CommandAfterModifyAdmin,
		RoomID: room, EventTime: 1700000000000, OperatorAccount: "administrator", AdminAccounts: callback.Accounts{account}, OpType: op})
}

// append numbers an event and stores it.
func (m *model) append(lane string, command callback.Command, packet any) {
	body, err := json.Marshal(packet)
	if err != nil {
		panic(err)
	}
	n := m.lanes[lane]
	n.seq++
	e := &event{Seq: int64(len(m.events)) + 1, Prev: m.last, Lane: lane, RoomSeq: n.seq, RoomPrev: n.callback,
		Command: command, Callback: !m.off[command], Body: body}
	e.ID = fmt.Sprintf("%d-%s-%d", m.id, m.name, e.Seq)
	if room, ok := m.life.rooms[lane]; ok {
		e.RoomState = callback.RoomState(room.Owner, room.Administrators)
	}
	if e.Callback {
		n.callback, m.last = e.RoomSeq, e.Seq
	}
	m.lanes[lane] = n
	m.events = append(m.events, e)
}

func (m *model) forget() {
	upTo := m.settledTo()
	if upTo > m.forgotten {
		m.forgotten += int64(m.dice.below(int(upTo-m.forgotten))) + 1
	}
}
