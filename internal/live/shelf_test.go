package live_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
)

// shelf is a state with at most one room and with parts, on which commands are run one after the other.
type shelf struct {
	room  *live.Room
	parts map[live.PartID]live.Part
}

func newShelf(room *live.Room) *shelf { return &shelf{room: room, parts: map[live.PartID]live.Part{}} }

func (*shelf) App() *live.App { return &live.App{} }
func (*shelf) Rooms() int64   { return 0 }

func (s *shelf) Room(id live.RoomID) *live.Room {
	if s.room == nil || s.room.ID != id {
		return nil
	}
	return s.room
}

func (s *shelf) Part(id live.PartID) live.Part { return s.parts[id] }

// run does what the engine does with a command: it may only touch parts that it has named, and what it was shown stays as it was.
func (s *shelf) run(t tb, c live.RoomCommand) (live.Outcome, error) {
	t.Helper()
	if err := c.Check(); err != nil {
		kindOf(t, err)
		return live.Outcome{}, err
	}
	before, named := s.encoded(t), map[live.PartID]bool{}
	for _, id := range c.Names().Parts {
		named[id] = true
	}
	out, err := c.Apply(onlyNamed{s, t, named}, byREST, noon)
	if diff := cmp.Diff(before, s.encoded(t)); diff != "" {
		t.Fatalf("%s modified the parts that it was shown (-before +after):\n%s", c.Name(), diff)
	}
	if err != nil {
		kindOf(t, err)
		return out, err
	}
	if out.Room != s.Room(c.Names().Room) {
		t.Errorf("%s has another room in its outcome than it was shown", c.Name())
	}
	for _, p := range out.Parts {
		if !named[p.ID] {
			t.Errorf("%s changes the part %v, which it has not named", c.Name(), p.ID)
		}
		if s.parts[p.ID] = p.Part; p.Part == nil {
			delete(s.parts, p.ID)
		}
	}
	return out, nil
}

func (s *shelf) must(t tb, c live.RoomCommand) live.Outcome {
	t.Helper()
	out, err := s.run(t, c)
	if err != nil {
		t.Fatalf("%s was refused: %v", c.Name(), err)
	}
	return out
}

func (s *shelf) encoded(t tb) map[live.PartID]string {
	t.Helper()
	docs := map[live.PartID]string{}
	for id, p := range s.parts {
		doc, err := json.Marshal(p)
		if err != nil {
			t.Fatalf("encode %v: %v", id, err)
		}
		docs[id] = string(doc)
	}
	return docs
}

// reopen reads all parts again from what a store keeps of them.
func (s *shelf) reopen(t *testing.T) {
	t.Helper()
	for id, doc := range s.encoded(t) {
		p, err := live.DecodePart(id.Kind, []byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s.parts[id], p); diff != "" {
			t.Errorf("%v is another one after it was stored (-before +after):\n%s", id, diff)
		}
		s.parts[id] = p
	}
}

// none fails when there is something.
func none[T any](t *testing.T, what string, list []T) {
	t.Helper()
	if len(list) != 0 {
		t.Errorf("%s = %v, want none", what, list)
	}
}

// onlyNamed is a state that shows what was named.
type onlyNamed struct {
	*shelf
	t     tb
	named map[live.PartID]bool
}

func (s onlyNamed) Part(id live.PartID) live.Part {
	s.t.Helper()
	if !s.named[id] {
		s.t.Errorf("the part %v was looked at and not named", id)
	}
	return s.shelf.Part(id)
}
