package live

import (
	"fmt"
	"time"
)

// Limits of giving. They are chosen here, as none is documented.
const (
	// MaxGiftCount is the most gifts that one call gives to each receiver.
	MaxGiftCount = 1_000_000
	// MaxGiftReceivers is the most receivers of one call: as many as can sit in a room.
	MaxGiftReceivers = MaxSeats
	// MaxCoins is the most coins that a room counts: the largest number that every reader of JSON takes unchanged.
	MaxCoins = 1<<53 - 1
)

// Kinds of [Received] and [Giver].
const (
	KindReceived PartKind = "received"
	KindGiver    PartKind = "giver"
)

// Received counts what one account was given in a room. Spec: REST 6.4.
type Received struct {
	// Times is how often something was given: the Sequence, which tells a newer count from an older one.
	Times int64
	// Gifts and Coins are what was given.
	Gifts, Coins int64
	// Senders are the different accounts that gave something.
	Senders int64
}

// Kind implements [Part].
func (*Received) Kind() PartKind { return KindReceived }

// ReceivedOf names what an account was given in a room.
func ReceivedOf(room RoomID, receiver Account) PartID {
	return PartID{room, KindReceived, string(receiver)}
}

// Giver is there for everybody who gave something, so that different ones can be counted however many there are: a set in one part
// would be written whole at each gift.
type Giver struct {
	// Since is when the first gift was given, in Unix milliseconds.
	Since int64
}

// Kind implements [Part].
func (*Giver) Kind() PartKind { return KindGiver }

// GiverOf names somebody who gave something in a room, to anybody.
func GiverOf(room RoomID, sender Account) PartID { return PartID{room, KindGiver, string(sender)} }

// GiverTo names somebody who gave something to a receiver. No account has a line feed in it.
func GiverTo(room RoomID, receiver, sender Account) PartID {
	return PartID{room, KindGiver, string(receiver) + "\n" + string(sender)}
}

// SendGift gives something to each of the receivers, none of whom need be in the room. A receiver who is named twice counts once.
// Nothing is reported afterwards: there is no callback for it. Spec: send_gift.
type SendGift struct {
	Room RoomID
	Gift string
	// Count is how many each receiver gets.
	Count     int64
	From      Account
	Receivers []Account
	// Allowed is what the App backend has said yes to, nil when it was not asked.
	Allowed *GiftWater `json:"-"`
}

// Name implements [Command].
func (SendGift) Name() string { return "send_gift" }

// Names implements [RoomCommand].
func (c SendGift) Names() Names {
	parts := []PartID{CatalogPart(), TallyOf(c.Room), GiverOf(c.Room, c.From)}
	for _, a := range c.Receivers {
		parts = append(parts, ReceivedOf(c.Room, a), GiverTo(c.Room, a, c.From))
	}
	return Names{Room: c.Room, Parts: parts}
}

// Check implements [RoomCommand].
func (c SendGift) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	if err := CheckGiftID(c.Gift); err != nil {
		return err
	}
	if c.Count < 1 || c.Count > MaxGiftCount {
		return invalid("Count is %d; 1 to %d are allowed", c.Count, MaxGiftCount)
	}
	if err := c.From.Check("From_Account"); err != nil {
		return err
	}
	if len(c.Receivers) == 0 {
		return invalid("ReceiverList_Account is empty; it takes 1 to %d accounts", MaxGiftReceivers)
	}
	for i, a := range c.Receivers {
		if err := a.Check("ReceiverList_Account"); err != nil { // only then the entry needs a name of its own
			return a.Check(fmt.Sprintf("ReceiverList_Account[%d]", i))
		}
	}
	if n := len(distinct(c.Receivers)); n > MaxGiftReceivers {
		return invalid("ReceiverList_Account has %d accounts; at most %d are allowed", n, MaxGiftReceivers)
	}
	return nil
}

// Apply implements [RoomCommand]; [GiftNotFound] when the App has no such gift.
func (c SendGift) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	gift, err := part[*Catalog](s, CatalogPart()).Gift(c.Gift)
	if err != nil {
		return Outcome{}, err
	}
	if c.Allowed != nil && c.Allowed.Coins != gift.Coins {
		return Outcome{}, Refuse(GiftRefused, "GiftId: the price of gift %q has changed since the App backend was asked; nothing was sent, try again", c.Gift)
	}
	receivers := distinct(c.Receivers)
	given := c.Count * int64(len(receivers)) // none of this is near the end of an int64
	t := tally(s, c.Room)
	if t.GiftCoins > MaxCoins-given*gift.Coins {
		return Outcome{}, invalid("Count: room %q would have counted more than %d coins, the most that is counted", c.Room, MaxCoins)
	}
	t.GiftsSent += given
	t.GiftCoins += given * gift.Coins
	out := Outcome{Room: room}
	if out.meet(s, GiverOf(c.Room, c.From), now) {
		t.GiftSenders++
	}
	for _, a := range receivers {
		r := received(s, c.Room, a)
		r.Times++
		r.Gifts += c.Count
		r.Coins += c.Count * gift.Coins
		if out.meet(s, GiverTo(c.Room, a, c.From), now) {
			r.Senders++
		}
		out.Parts = append(out.Parts, PartChange{ID: ReceivedOf(c.Room, a), Part: r})
	}
	out.Parts = append(out.Parts, PartChange{ID: TallyOf(c.Room), Part: t})
	return out, nil
}

// meet keeps a giver who is new and tells whether one is.
func (o *Outcome) meet(s State, id PartID, now time.Time) bool {
	if s.Part(id) != nil {
		return false
	}
	o.Parts = append(o.Parts, PartChange{ID: id, Part: &Giver{Since: now.UnixMilli()}})
	return true
}

// received returns a copy of what an account was given, nothing when there is none yet.
func received(s State, room RoomID, receiver Account) *Received {
	if r := part[*Received](s, ReceivedOf(room, receiver)); r != nil {
		c := *r
		return &c
	}
	return &Received{}
}

// Topic implements [Asked].
func (SendGift) Topic() Topic { return TopicGift }

// Question implements [Asked].
func (c SendGift) Question(s State, _ Actor, now time.Time) Question {
	water := GiftWater{From: c.From, To: distinct(c.Receivers), Time: now.Unix(), Gift: c.Gift, Count: c.Count}
	if gift, err := part[*Catalog](s, CatalogPart()).Gift(c.Gift); err == nil {
		water.Coins = gift.Coins
	}
	return GiftQuestion{Room: c.Room, GiftWater: water}
}

// Ruled implements [Asked].
func (c SendGift) Ruled(r Ruling) (RoomCommand, error) {
	if q, ok := r.Question.(GiftQuestion); ok && r.Answered {
		c.Allowed = &q.GiftWater
	}
	return c, r.Gift()
}
