package live_test

import (
	"testing"
	"time"

	"github.com/callboard/callboard/internal/live"
)

// stage is a room with its parts, on which commands run one after the other, as the engine runs them.
type stage struct {
	*testing.T
	app   live.App
	room  *live.Room
	parts map[live.PartID]live.Part
	due   map[live.PartID]time.Time
	now   time.Time
	heard []live.Change // of the last command
}

// newStage has the room of roomOf.
func newStage(t *testing.T, administrators ...live.Account) *stage {
	return &stage{
		T: t, room: roomOf(administrators...), parts: map[live.PartID]live.Part{}, due: map[live.PartID]time.Time{}, now: noon,
	}
}

// named shows a command only what it has named.
type named struct {
	*stage
	names live.Names
}

func (n named) App() *live.App { return &n.app }
func (named) Rooms() int64     { return 0 }

func (n named) Room(id live.RoomID) *live.Room {
	if id != n.names.Room {
		n.Errorf("the room %q is read and not named", id)
	}
	return n.room
}

func (n named) Part(id live.PartID) live.Part {
	n.mustName(id)
	if p, ok := n.parts[id]; ok {
		return p
	}
	return nil
}

func (n named) mustName(id live.PartID) {
	for _, known := range n.names.Parts {
		if known == id {
			return
		}
	}
	n.Errorf("the part %v is not named", id)
}

// try runs a command; what it does to a part that it was shown is an error.
func (s *stage) try(c live.RoomCommand) error {
	s.Helper()
	s.heard = nil
	if err := c.Check(); err != nil {
		return err
	}
	n := named{s, c.Names()}
	before := deepCopy(s.values())
	out, err := c.Apply(n, byREST, s.now)
	same(s.T, c.Name()+" modified what it was given", s.values(), before)
	if err != nil {
		return err
	}
	s.room = out.Room
	for _, p := range out.Parts {
		n.mustName(p.ID)
		delete(s.due, p.ID)
		if p.Part == nil {
			delete(s.parts, p.ID)
			continue
		}
		s.parts[p.ID] = p.Part
		if p.Due > 0 {
			s.due[p.ID] = time.UnixMilli(p.Due)
		}
	}
	for _, e := range out.Events {
		if lane := live.LaneOf(e.Change); lane != live.ControlLane && n.names.Lanes&lane == 0 {
			s.Errorf("%s reports %+v in a lane that it does not name", c.Name(), e.Change)
		}
		s.heard = append(s.heard, e.Change)
	}
	return nil
}

// values are the parts in an order.
func (s *stage) values() []live.Part {
	var list []live.Part
	for _, id := range []live.PartID{
		live.TallyOf(r1), live.VacancyOf(r1), live.MemberOf(r1, "a"), live.MemberOf(r1, "owner"), live.BanOf(r1, "a"), live.MuteOf(r1, "a"),
	} {
		list = append(list, s.parts[id])
	}
	return list
}

// do runs commands that must not be refused.
func (s *stage) do(commands ...live.RoomCommand) {
	s.Helper()
	for _, c := range commands {
		if err := s.try(c); err != nil {
			s.Fatalf("%s is refused: %v", c.Name(), err)
		}
	}
}

func (s *stage) enter(accounts ...live.Account) {
	s.Helper()
	for _, a := range accounts {
		s.do(live.EnterRoom{Room: r1, Account: a})
	}
}

func (s *stage) leave(a live.Account) {
	s.Helper()
	s.do(live.LeaveRoom{Room: r1, Account: a})
}

func (s *stage) later(d time.Duration) { s.now = s.now.Add(d) }

func (s *stage) tally() live.Tally {
	if t, ok := s.parts[live.TallyOf(r1)].(*live.Tally); ok {
		return *t
	}
	return live.Tally{}
}

func ban(seconds int64, accounts ...live.Account) live.BanMembers {
	return live.BanMembers{Room: r1, Accounts: accounts, Seconds: seconds}
}

func mute(seconds int64, accounts ...live.Account) live.MuteMembers {
	return live.MuteMembers{Room: r1, Accounts: accounts, Seconds: seconds}
}
