package live_test

import (
	"fmt"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func mixedRoom() *live.Room {
	r := roomOf()
	r.IsUnlimitedRoom = true
	return r
}

func custom(layouts ...live.Layout) live.SetMix {
	return live.SetMix{Room: r1, Mix: live.Mix{Mode: live.LayoutCustom, Layouts: layouts}}
}

func (s *shelf) mix() *live.Mix {
	m, _ := s.parts[live.MixOf(r1)].(*live.Mix)
	return m
}

func TestMixIsKeptUntilTheAutomaticLayoutReturns(t *testing.T) {
	s := newShelf(mixedRoom())
	s.must(t, live.ResumeMix{Room: r1})
	whole := live.Layout{X: 1, Y: 2, Width: 3, Height: 4, Room: "r2", Account: "a", StreamType: 1, ZOrder: 5}
	c := custom(whole)
	c.Mix.Width, c.Mix.Height = 720, 1280
	s.must(t, c)
	same(t, "mix", s.mix(), &c.Mix)
	s.reopen(t)
	grid := live.SetMix{Room: r1, Mix: live.Mix{Mode: live.LayoutGrid, Layouts: []live.Layout{whole}}}
	none(t, "events", s.must(t, grid).Events)
	same(t, "a grid has no layouts", s.mix(), &live.Mix{})
	s.must(t, live.ResumeMix{Room: r1})
	same(t, "parts", len(s.parts), 0)
}

func TestRefusalsOfMixing(t *testing.T) {
	withoutSeats := mixedRoom()
	withoutSeats.IsSeatEnabled = false
	rooms := []struct {
		room *live.Room
		kind live.Kind
		says string
	}{{nil, live.RoomNotFound, "r1"}, {roomOf(), live.NoPermission, "IsUnlimitedRoomEnabled"}, {withoutSeats, live.NoPermission, "seats"}}
	for _, c := range rooms {
		for _, command := range []live.RoomCommand{live.SetMix{Room: r1}, live.ResumeMix{Room: r1}} {
			_, err := newShelf(c.room).run(t, command)
			refused(t, err, c.kind, c.says)
		}
	}
	one := func(change func(*live.Layout)) live.SetMix {
		l := live.Layout{Account: "a"}
		change(&l)
		return custom(live.Layout{Account: "b"}, l)
	}
	cases := []struct {
		command live.RoomCommand
		says    string
	}{
		{live.SetMix{Room: "?"}, "RoomId"},
		{live.ResumeMix{Room: "?"}, "RoomId"},
		{live.SetMix{Room: r1, Mix: live.Mix{Mode: 1}}, "LayoutMode is 1"},
		{live.SetMix{Room: r1, Mix: live.Mix{Width: live.MaxPixels + 1}}, "VideoEncode.Width"},
		{live.SetMix{Room: r1, Mix: live.Mix{Height: -1}}, "VideoEncode.Height"},
		{custom(), "LayoutList has 0"},
		{custom(make([]live.Layout, live.MaxLayouts+1)...), "LayoutList has 17"},
		{one(func(l *live.Layout) { l.X = -1 }), "LayoutList[1].LocationX"},
		{one(func(l *live.Layout) { l.Y = live.MaxPixels + 1 }), "LayoutList[1].LocationY"},
		{one(func(l *live.Layout) { l.Width = -1 }), "LayoutList[1].ImageWidth"},
		{one(func(l *live.Layout) { l.Height = -1 }), "LayoutList[1].ImageHeight"},
		{one(func(l *live.Layout) { l.Account = "" }), "LayoutList[1].Member_Account"},
		{one(func(l *live.Layout) { l.Room = "?" }), "RoomId"},
		{one(func(l *live.Layout) { l.StreamType = live.MaxStreamType + 1 }), "LayoutList[1].StreamType"},
		{one(func(l *live.Layout) { l.ZOrder = -1 }), "LayoutList[1].ZOrder"},
	}
	for i, c := range cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			_, err := newShelf(mixedRoom()).run(t, c.command)
			refused(t, err, live.InvalidParameter, c.says)
		})
	}
	most := make([]live.Layout, live.MaxLayouts)
	for i := range most {
		most[i].Account = live.Account(fmt.Sprint("a", i))
	}
	newShelf(mixedRoom()).must(t, custom(most...))
}
