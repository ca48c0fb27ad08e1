package live_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func send(count int64, from live.Account, to ...live.Account) live.SendGift {
	return live.SendGift{Room: r1, Gift: "rose", Count: count, From: from, Receivers: to}
}

// withRose is a room in which there is a gift of 10 coins to be given.
func withRose(t tb) *shelf {
	t.Helper()
	s := newShelf(roomOf())
	s.must(t, live.AddGift{Gift: rose()})
	return s
}

func (s *shelf) tally() live.Tally {
	if t, ok := s.parts[live.TallyOf(r1)].(*live.Tally); ok {
		return *t
	}
	return live.Tally{}
}

func (s *shelf) received(a live.Account) live.Received {
	if r, ok := s.parts[live.ReceivedOf(r1, a)].(*live.Received); ok {
		return *r
	}
	return live.Received{}
}

func TestGiftsAreCountedForTheRoomAndForEachReceiver(t *testing.T) {
	s := withRose(t)
	none(t, "events", s.must(t, send(1, "ann", "host")).Events)
	s.must(t, send(2, "bob", "host", "guest", "host"))
	s.must(t, send(3, "ann", "host", "ann"))
	same(t, "the room", s.tally(), live.Tally{GiftsSent: 1 + 2*2 + 3*2, GiftCoins: 110, GiftSenders: 2})
	same(t, "host", s.received("host"), live.Received{Times: 3, Gifts: 6, Coins: 60, Senders: 2})
	same(t, "guest", s.received("guest"), live.Received{Times: 1, Gifts: 2, Coins: 20, Senders: 1})
	same(t, "ann, from herself", s.received("ann"), live.Received{Times: 1, Gifts: 3, Coins: 30, Senders: 1})
	s.reopen(t)
	// Neither another price nor the end of the gift changes what was given.
	s.must(t, live.EditGift{ID: "rose", Coins: new(int64(1))})
	s.must(t, send(1, "ann", "host"))
	s.must(t, live.DeleteGift{ID: "rose"})
	same(t, "host", s.received("host"), live.Received{Times: 4, Gifts: 7, Coins: 61, Senders: 2})
	_, err := s.run(t, send(1, "ann", "host"))
	refused(t, err, live.GiftNotFound, "rose")
}

// Each sender is one part more, and no part grows.
func TestManySendersAreCountedOneByOne(t *testing.T) {
	s := withRose(t)
	const many = 60
	for round := range 2 {
		for i := range many {
			s.must(t, send(1, live.Account(fmt.Sprint("fan", i)), "host"))
		}
		same(t, fmt.Sprint("senders of the room, round ", round), s.tally().GiftSenders, int64(many))
		same(t, fmt.Sprint("senders to the host, round ", round), s.received("host").Senders, int64(many))
	}
	for id, doc := range s.encoded(t) {
		if id.Kind != live.KindCatalog && len(doc) > 100 {
			t.Errorf("the part %v has %d bytes", id, len(doc))
		}
	}
}

func TestReceiversAndSendersAreNotMixedUp(t *testing.T) {
	s := withRose(t)
	s.must(t, send(1, "b", "ab"))
	s.must(t, send(1, "bb", "a"))
	s.must(t, send(1, "ab", "b"))
	for _, a := range []live.Account{"ab", "a", "b"} {
		same(t, "senders to "+string(a), s.received(a).Senders, int64(1))
	}
	same(t, "senders", s.tally().GiftSenders, int64(3))
}

func TestCoinsDoNotOverflow(t *testing.T) {
	s := newShelf(roomOf())
	g := rose()
	g.Coins = live.MaxGiftCoins
	s.must(t, live.AddGift{Gift: g})
	var fifty []live.Account
	for i := range live.MaxGiftReceivers {
		fifty = append(fifty, live.Account(fmt.Sprint("r", i)))
	}
	_, err := s.run(t, send(live.MaxGiftCount, "ann", fifty...))
	refused(t, err, live.InvalidParameter, "Count", "coins")
	for range 9 {
		s.must(t, send(live.MaxGiftCount, "ann", "host"))
	}
	before := s.encoded(t)
	_, err = s.run(t, send(live.MaxGiftCount, "ann", "host"))
	refused(t, err, live.InvalidParameter, "Count", "coins")
	same(t, "parts after the refusal", s.encoded(t), before)
	s.must(t, send(7199, "ann", "host"))
	same(t, "coins", s.tally().GiftCoins, int64(9_007_199_000_000_000))
	_, err = s.run(t, send(1, "ann", "host"))
	refused(t, err, live.InvalidParameter, "Count", "coins")
}

func TestRefusalsOfSendGift(t *testing.T) {
	var many []live.Account
	for i := range live.MaxGiftReceivers + 1 {
		many = append(many, live.Account(fmt.Sprint("r", i)))
	}
	cases := []struct {
		name string
		bad  func(*live.SendGift)
		kind live.Kind
		says string
	}{
		{"no such room", func(c *live.SendGift) { c.Room = "none" }, live.RoomNotFound, "none"},
		{"a bad RoomId", func(c *live.SendGift) { c.Room = "" }, live.InvalidParameter, "RoomId"},
		{"no such gift", func(c *live.SendGift) { c.Gift = "none" }, live.GiftNotFound, "none"},
		{"no gift", func(c *live.SendGift) { c.Gift = "" }, live.InvalidParameter, "GiftId"},
		{"none of them", func(c *live.SendGift) { c.Count = 0 }, live.InvalidParameter, "Count"},
		{"too many of them", func(c *live.SendGift) { c.Count = live.MaxGiftCount + 1 }, live.InvalidParameter, "Count"},
		{"no sender", func(c *live.SendGift) { c.From = "" }, live.InvalidParameter, "From_Account"},
		{"no receiver", func(c *live.SendGift) { c.Receivers = nil }, live.InvalidParameter, "ReceiverList_Account"},
		{"a bad receiver", func(c *live.SendGift) { c.Receivers = []live.Account{"a", "b\n"} }, live.InvalidParameter, "ReceiverList_Account[1]"},
		{"too many receivers", func(c *live.SendGift) { c.Receivers = many }, live.InvalidParameter, "ReceiverList_Account has 51"},
	}
	s := withRose(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			command := send(1, "ann", "host")
			c.bad(&command)
			_, err := s.run(t, command)
			refused(t, err, c.kind, c.says)
		})
	}
	_, err := newShelf(roomOf()).run(t, send(1, "ann", "host"))
	refused(t, err, live.GiftNotFound, "rose")
	if got := strings.Count(fmt.Sprint(s.parts), "giver"); got != 0 {
		t.Errorf("a refused gift left %d givers", got)
	}
}

func TestAppBackendIsAskedAboutTheGiftAtItsPrice(t *testing.T) {
	s := withRose(t)
	c := send(2, "ann", "host", "guest", "host")
	asked := c.Question(s, byREST, noon)
	same(t, "question", asked, live.Question(live.GiftQuestion{Room: r1, GiftWater: live.GiftWater{
		From: "ann", To: []live.Account{"host", "guest"}, Time: noon.Unix(), Gift: "rose", Count: 2, Coins: 10,
	}}))
	ruled := func(r live.Ruling) live.RoomCommand {
		t.Helper()
		r.Question = asked
		allowed, err := c.Ruled(r)
		if err != nil {
			t.Fatal(err)
		}
		return allowed
	}
	allowed, open := ruled(live.Ruling{Answered: true}), ruled(live.Ruling{Open: true})
	s.must(t, allowed)
	s.must(t, live.EditGift{ID: "rose", Coins: new(int64(11))})
	_, err := s.run(t, allowed)
	refused(t, err, live.GiftRefused, "price")
	s.must(t, open) // nobody has said yes to a price
	same(t, "the room", s.tally(), live.Tally{GiftsSent: 8, GiftCoins: 84, GiftSenders: 1})
	for _, r := range []live.Ruling{{}, {Answered: true, Code: 1}, {Answered: true, Code: 102150}} {
		_, err := c.Ruled(r)
		refused(t, err, live.GiftRefused)
	}
}
