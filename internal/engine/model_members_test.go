package engine_test

import (
	"context"
	"slices"

	"pgregory.net/rapid"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// The members of the model's rooms.

func (m *machine) enter(t *rapid.T) {
	id, a := roomIDs.Draw(t, "room"), accounts.Draw(t, "account")
	cmd := live.EnterRoom{Room: id, Account: a}
	switch r := m.rooms[id]; {
	case r == nil:
		m.run(cmd, live.RoomNotFound)
	case r.banned[a]:
		m.run(cmd, live.MemberBanned)
	default:
		m.run(cmd, 0)
		if !r.members[a] {
			r.members[a] = true
			r.views++
			m.expectMembers(id)
		}
	}
}

func (m *machine) leave(t *rapid.T) {
	id, a := roomIDs.Draw(t, "room"), accounts.Draw(t, "account")
	cmd := live.LeaveRoom{Room: id, Account: a}
	r := m.rooms[id]
	if r == nil {
		m.run(cmd, live.RoomNotFound)
		return
	}
	m.run(cmd, 0)
	m.stand(id, a)
	if r.members[a] {
		delete(r.members, a)
		m.expectMembers(id)
	}
}

func (m *machine) ban(t *rapid.T) {
	id, named := roomIDs.Draw(t, "room"), rapid.SliceOfN(accounts, 1, 3).Draw(t, "accounts")
	cmd := live.BanMembers{Room: id, Accounts: named, Seconds: 3600}
	r := m.rooms[id]
	switch {
	case r == nil:
		m.run(cmd, live.RoomNotFound)
		return
	case slices.Contains(named, r.owner):
		m.run(cmd, live.InvalidParameter)
		return
	}
	m.run(cmd, 0)
	if next := r.with(named, false); len(next) != len(r.administrators) {
		r.administrators = next
		m.expect(id, callback.CommandAfterModifyAdmin)
	}
	m.stand(id, named...)
	there := len(r.members)
	for _, a := range named {
		r.banned[a] = true
		delete(r.members, a)
	}
	if len(r.members) != there {
		m.expectMembers(id)
	}
}

func (m *machine) unban(t *rapid.T) {
	id, a := roomIDs.Draw(t, "room"), accounts.Draw(t, "account")
	cmd := live.UnbanMembers{Room: id, Accounts: []live.Account{a}}
	r := m.rooms[id]
	if r == nil {
		m.run(cmd, live.RoomNotFound)
		return
	}
	m.run(cmd, 0)
	delete(r.banned, a)
}

func (m *machine) mute(t *rapid.T) {
	id, a, seconds := roomIDs.Draw(t, "room"), accounts.Draw(t, "account"), rapid.SampledFrom([]int64{0, 3600}).Draw(t, "seconds")
	cmd := live.MuteMembers{Room: id, Accounts: []live.Account{a}, Seconds: seconds}
	switch r := m.rooms[id]; {
	case r == nil:
		m.run(cmd, live.RoomNotFound)
	case seconds > 0 && r.owner == a:
		m.run(cmd, live.InvalidParameter)
	default:
		m.run(cmd, 0)
		if delete(r.muted, a); seconds > 0 {
			r.muted[a] = true
		}
	}
}

func (m *machine) addRobot(t *rapid.T) {
	id, named := roomIDs.Draw(t, "room"), rapid.SliceOfN(accounts, 1, 2).Draw(t, "accounts")
	cmd := live.AddRobots{Room: id, Accounts: named}
	r := m.rooms[id]
	if r == nil {
		m.run(cmd, live.RoomNotFound)
		return
	}
	robots := slices.Clone(r.robots)
	for _, a := range named {
		if !slices.Contains(robots, a) {
			robots = append(robots, a)
		}
	}
	if len(robots) > live.MaxRobots {
		m.run(cmd, live.InvalidParameter)
		return
	}
	m.run(cmd, 0)
	r.robots = robots
}

// delRobot takes a robot off its seat too, unless it is in the room as a member or is the owner.
func (m *machine) delRobot(t *rapid.T) {
	id, a := roomIDs.Draw(t, "room"), accounts.Draw(t, "account")
	cmd := live.DeleteRobots{Room: id, Accounts: []live.Account{a}}
	r := m.rooms[id]
	if r == nil {
		m.run(cmd, live.RoomNotFound)
		return
	}
	m.run(cmd, 0)
	i := slices.Index(r.robots, a)
	if i < 0 {
		return
	}
	r.robots = slices.Delete(slices.Clone(r.robots), i, i+1)
	if a != r.owner && !r.members[a] {
		m.stand(id, a)
	}
}

// expectMembers expects an event in the members' lane, which has one only when somebody subscribed to it.
func (m *machine) expectMembers(id live.RoomID) {
	if command := callback.CommandAfterMemberStateChanged; m.set && m.switches[command] {
		m.expect(id+"/members", command)
	}
}

// readMembers reads who is in a room, who is banned from it, and its counters.
func (m *machine) readMembers(id live.RoomID, into *modelRoom) {
	set := func(all live.PartID) map[live.Account]bool {
		list, err := m.f.db.PartsAfter(context.Background(), m.app, all, 100)
		if err != nil {
			m.Fatal(err)
		}
		set := map[live.Account]bool{}
		for _, p := range list {
			set[live.Account(p.Key)] = true
		}
		return set
	}
	into.members, into.banned, into.muted = set(live.MemberOf(id, "")), set(live.BanOf(id, "")), set(live.MuteOf(id, ""))
	parts, err := m.f.db.Parts(context.Background(), m.app, []live.PartID{live.TallyOf(id), live.VacancyOf(id)})
	if err != nil {
		m.Fatal(err)
	}
	tally, _ := parts[0].(*live.Tally)
	if tally == nil {
		tally = &live.Tally{}
	}
	into.views = tally.Views
	m.same("members that are counted", tally.Members, int64(len(into.members)))
	vacancy, _ := parts[1].(*live.Vacancy)
	empty := vacancy != nil && vacancy.Empty > 0
	m.same("the room is noted as empty", empty, tally.Views > 0 && tally.Members == 0)
}
