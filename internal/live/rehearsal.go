package live

import "time"

// Rehearsal runs the rules of a command and changes nothing: what would be refused anyway need not be asked. Reply.Question
// is what the App backend is to be asked. It is nil when the command was done before under its idempotency key: then Reply is
// what was answered.
type Rehearsal struct {
	Of Asked
	// Key is the idempotency key of the command. The rehearsal itself has none, or it would be what was done under it.
	Key string
}

// Name implements [Command].
func (c Rehearsal) Name() string { return c.Of.Name() }

// Names implements [RoomCommand]: those of the command, without the lanes, as nothing is reported.
func (c Rehearsal) Names() Names {
	n := c.Of.Names()
	n.Create, n.Lanes = false, 0
	if c.Key != "" {
		n.Parts = append(n.Parts[:len(n.Parts):len(n.Parts)], AnswerOf(c.Key))
	}
	return n
}

// Check implements [RoomCommand].
func (c Rehearsal) Check() error { return c.Of.Check() }

// Apply implements [RoomCommand].
func (c Rehearsal) Apply(s State, by Actor, now time.Time) (Outcome, error) {
	room := s.Room(c.Names().Room)
	if c.Key != "" {
		if given := part[*Answer](s, AnswerOf(c.Key)); given != nil {
			out, err := given.Again(c.Of)
			if err != nil {
				return Outcome{}, err
			}
			return Outcome{Room: room, Reply: out.Reply}, nil
		}
	}
	if _, err := c.Of.Apply(s, by, now); err != nil {
		return Outcome{}, err
	}
	return Outcome{Room: room, Reply: Reply{Question: c.Of.Question(s, by, now)}}, nil
}
