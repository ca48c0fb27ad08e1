package engine_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

func gift(id string, coins int64) live.AddGift {
	return live.AddGift{Gift: live.Gift{ID: id, Coins: coins, Text: live.Text{Name: id}}}
}

func give(from live.Account, to ...live.Account) live.SendGift {
	return live.SendGift{Room: "r1", Gift: "g", Count: 1, From: from, Receivers: to}
}

func setMetadata(key, value string) live.SetMetadata {
	return live.SetMetadata{Room: "r1", Entries: []live.MetadataEntry{{Key: key, Value: value}}}
}

// Neighbours in a group see each other's gifts: a giver counts once, and a room that is created again counts anew.
func TestGiftsOfOneGroupAreCountedTogether(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		waiting := []*asked{f.ask(app1, gift("g", 5)), f.ask(app1, create("r1"))}
		for _, from := range []live.Account{"ann", "bob", "ann"} {
			waiting = append(waiting, f.ask(app1, give(from, "host")))
		}
		waiting = append(waiting, f.ask(app1, setMetadata("k", "1")), f.ask(app1, live.DestroyRoom{Room: "r1"}), f.ask(app1, create("r1")),
			f.ask(app1, give("ann", "host", "guest")), f.ask(app1, setMetadata("k", "1")))
		f.start()
		f.finish(waiting...)
		f.same("transactions", len(f.store.groups), 1)
		f.same("statistic of the first life", waiting[6].out.Reply.Statistic,
			&live.Statistic{TotalGiftsSent: 3, TotalGiftCoins: 15, TotalUniqueGiftSenders: 2})
		parts, err := f.db.Parts(f.Context(), app1, []live.PartID{
			live.TallyOf("r1"), live.ReceivedOf("r1", "host"), live.ReceivedOf("r1", "guest"), live.GiverOf("r1", "bob"), live.MetadataOf("r1"),
		})
		f.must(err)
		f.same("parts of the second life", parts, []live.Part{
			&live.Tally{GiftsSent: 2, GiftCoins: 10, GiftSenders: 1},
			&live.Received{Times: 1, Gifts: 1, Coins: 5, Senders: 1},
			&live.Received{Times: 1, Gifts: 1, Coins: 5, Senders: 1},
			nil,
			&live.Metadata{Entries: []live.MetadataEntry{{Key: "k", Value: "1"}}},
		})
		f.same("lanes", lanes(f.log(app1)), []string{"r1", "r1", "r1", "r1", "r1"})
	})
}

// A caller who did not hear the answer asks again under the same key.
func TestGiftWithAKeyIsGivenOnce(t *testing.T) {
	f := newFixture(t, engine.Options{})
	f.start()
	for _, c := range []live.Command{create("r1"), gift("g", 5), live.AddGiftCategory{ID: "c", Text: live.Text{Name: "c"}}} {
		f.do(app1, c)
	}
	again := func(key string, cmd live.Command) (replies []live.Reply) {
		by := actor
		by.Key = key
		for range 2 {
			out, err := f.engine.Do(f.Context(), app1, by, cmd)
			f.must(err)
			replies = append(replies, out.Reply)
		}
		return replies
	}
	again("k1", give("ann", "host"))
	parts, err := f.db.Parts(f.Context(), app1, []live.PartID{live.ReceivedOf("r1", "host")})
	f.must(err)
	f.same("what the host got", parts, []live.Part{&live.Received{Times: 1, Gifts: 1, Coins: 5, Senders: 1}})
	reply := live.Reply{InvalidGifts: []string{"x"}}
	f.same("replies", again("k2", live.AddGiftRelations{Category: "c", Gifts: []string{"g", "x"}}), []live.Reply{reply, reply})
}

// Metadata is in no snapshot of a room, so a change that nobody asked for takes no number of the log; it counts in its lane.
func TestMetadataIsLoggedWhenItWasAskedFor(t *testing.T) {
	f := newFixture(t, engine.Options{})
	f.configure(3)
	f.start()
	f.do(3, create("r1"))
	f.do(3, setMetadata("k", "1"))
	f.do(3, live.ConfigureApp{App: live.App{ID: 3, FeedCommands: []string{"Live.CallbackAfterSetMetadata"}}})
	f.do(3, setMetadata("k", "2"))
	f.do(3, setMetadata("k", "2"))
	f.do(3, live.DeleteMetadata{Room: "r1", Keys: []string{"k"}})
	f.do(3, live.ModifyAdmin{Room: "r1", Accounts: []live.Account{"a"}, Op: live.AddAdministrators})
	var numbers []int64
	log := f.log(3)
	for i := range log {
		numbers = append(numbers, log[i].RoomSeq)
	}
	f.same("numbers in the lane", numbers, []int64{1, 3, 5})
	f.same("the digest stays with roles that stay", log[1].RoomState, log[0].RoomState)
}

// giftModel is what random commands about gifts and metadata should have made.
type giftModel struct {
	*rapid.T
	f        *fixture
	app      live.AppID
	room     bool
	coins    map[string]int64
	tally    live.Tally
	givers   map[string]bool
	received map[live.Account]live.Received
	metadata map[string]string
}

func TestRandomGiftsAndMetadataAgreeWithTheModel(t *testing.T) {
	f := newFixture(t, engine.Options{})
	f.start()
	app := live.AppID(100)
	rapid.Check(t, func(t *rapid.T) {
		app++
		m := &giftModel{T: t, f: f, app: app, coins: map[string]int64{}}
		m.do(live.ConfigureApp{App: live.App{ID: app}})
		t.Repeat(map[string]func(*rapid.T){
			"":         func(*rapid.T) { m.check() },
			"create":   m.create,
			"destroy":  m.destroy,
			"price":    m.price,
			"give":     m.give,
			"set":      m.set,
			"delete":   m.delete,
			"withdraw": m.withdraw,
		})
	})
}

func (m *giftModel) do(cmd live.Command) live.Kind {
	_, err := m.f.engine.Do(context.Background(), m.app, actor, cmd)
	if err != nil && kind(err) == 0 {
		m.Fatal(err)
	}
	return kind(err)
}

func (m *giftModel) want(cmd live.Command, want live.Kind) bool {
	if got := m.do(cmd); got != want {
		m.Fatalf("%s %+v: kind %d, want %d", cmd.Name(), cmd, got, want)
	}
	return want == 0
}

func (m *giftModel) create(*rapid.T) {
	if m.room {
		return
	}
	m.do(create("r1"))
	m.room, m.tally = true, live.Tally{}
	m.givers, m.received, m.metadata = map[string]bool{}, map[live.Account]live.Received{}, map[string]string{}
}

func (m *giftModel) destroy(*rapid.T) {
	if m.room {
		m.want(live.DestroyRoom{Room: "r1"}, 0)
	}
	m.room = false
}

var giftIDs = rapid.SampledFrom([]string{"g", "h"})

func (m *giftModel) price(t *rapid.T) {
	id, coins := giftIDs.Draw(t, "gift"), rapid.Int64Range(0, 100).Draw(t, "coins")
	if _, ok := m.coins[id]; ok {
		m.want(live.EditGift{ID: id, Coins: &coins}, 0)
	} else {
		m.want(gift(id, coins), 0)
	}
	m.coins[id] = coins
}

func (m *giftModel) withdraw(t *rapid.T) {
	id := giftIDs.Draw(t, "gift")
	if _, ok := m.coins[id]; ok {
		m.want(live.DeleteGift{ID: id}, 0)
		delete(m.coins, id)
		return
	}
	m.want(live.DeleteGift{ID: id}, live.GiftNotFound)
}

func (m *giftModel) give(t *rapid.T) {
	c := live.SendGift{
		Room: "r1", Gift: giftIDs.Draw(t, "gift"), Count: rapid.Int64Range(1, 9).Draw(t, "count"),
		From: accounts.Draw(t, "from"), Receivers: rapid.SliceOfN(accounts, 1, 4).Draw(t, "to"),
	}
	coins, known := m.coins[c.Gift]
	want := live.Kind(0)
	switch {
	case !m.room:
		want = live.RoomNotFound
	case !known:
		want = live.GiftNotFound
	}
	if !m.want(c, want) {
		return
	}
	slices.Sort(c.Receivers)
	for _, a := range slices.Compact(c.Receivers) {
		r := m.received[a]
		r.Times, r.Gifts, r.Coins = r.Times+1, r.Gifts+c.Count, r.Coins+c.Count*coins
		r.Senders += m.met(fmt.Sprint(a, " of ", c.From))
		m.received[a] = r
		m.tally.GiftsSent, m.tally.GiftCoins = m.tally.GiftsSent+c.Count, m.tally.GiftCoins+c.Count*coins
	}
	m.tally.GiftSenders += m.met(string(c.From))
}

// met is 1 for somebody who is met the first time.
func (m *giftModel) met(who string) int64 {
	if m.givers[who] {
		return 0
	}
	m.givers[who] = true
	return 1
}

func (m *giftModel) set(t *rapid.T) {
	key, value := fmt.Sprint("k", rapid.IntRange(1, 12).Draw(t, "key")), rapid.SampledFrom([]string{"", "1"}).Draw(t, "value")
	_, known := m.metadata[key]
	want := live.Kind(0)
	switch {
	case !m.room:
		want = live.RoomNotFound
	case !known && len(m.metadata) == live.MaxMetadataKeys:
		want = live.TooManyKeys
	}
	if m.want(setMetadata(key, value), want) {
		m.metadata[key] = value
	}
}

func (m *giftModel) delete(t *rapid.T) {
	key := fmt.Sprint("k", rapid.IntRange(1, 12).Draw(t, "key"))
	_, known := m.metadata[key]
	want := live.Kind(0)
	switch {
	case !m.room:
		want = live.RoomNotFound
	case !known:
		want = live.KeysNotFound
	}
	if m.want(live.DeleteMetadata{Room: "r1", Keys: []string{key}}, want) {
		delete(m.metadata, key)
	}
}

// check compares the model with what the database has.
func (m *giftModel) check() {
	ids := []live.PartID{live.TallyOf("r1"), live.MetadataOf("r1")}
	names := []live.Account{"a", "b", "c", "d", "e", "f", "g"}
	for _, a := range names {
		ids = append(ids, live.ReceivedOf("r1", a))
	}
	parts, err := m.f.db.Parts(context.Background(), m.app, ids)
	if err != nil {
		m.Fatal(err)
	}
	if !m.room {
		m.same("parts without a room", parts, make([]live.Part, len(ids)))
		return
	}
	tally, _ := parts[0].(*live.Tally)
	if tally == nil {
		tally = &live.Tally{}
	}
	m.same("tally", *tally, m.tally)
	got := map[string]string{}
	if metadata, _ := parts[1].(*live.Metadata); metadata != nil {
		for _, e := range metadata.Entries {
			got[e.Key] = e.Value
		}
	}
	m.same("metadata", got, m.metadata)
	for i, a := range names {
		r, _ := parts[i+2].(*live.Received)
		if r == nil {
			r = &live.Received{}
		}
		m.same("received by "+string(a), *r, m.received[a])
	}
}

func (m *giftModel) same(what string, got, want any) {
	m.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		m.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}
