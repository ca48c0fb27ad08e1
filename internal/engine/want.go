package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// wanted is what the commands of one App name.
type wanted struct {
	settings bool
	rooms    map[live.RoomID]bool // whether it may be created
	parts    map[live.PartID]bool
	lanes    map[eventlog.Lane]bool
	quota    bool // a command makes rooms
	commands int64
}

// wants names what the group needs: one Want per App, in the order of the ids, each with its rooms sorted by bytes. quotas has the
// rooms that the Apps may have, 0 for any number.
func wants(group []*request, quotas map[live.AppID]int64) []Want {
	byApp := map[live.AppID]*wanted{}
	for _, r := range group {
		w := byApp[r.app]
		if w == nil {
			w = &wanted{rooms: map[live.RoomID]bool{}}
			byApp[r.app] = w
		}
		w.add(r)
	}
	list := make([]Want, 0, len(byApp))
	for app, w := range byApp {
		list = append(list, w.want(app, quotas[app]))
	}
	slices.SortFunc(list, func(a, b Want) int { return cmp.Compare(a.App, b.App) })
	return list
}

func (w *wanted) add(r *request) {
	w.commands++
	switch c := r.cmd.(type) {
	case live.RoomCommand:
		w.name(c.Names())
	case live.AppCommand:
		w.settings = true
	}
	if r.by.Key != "" {
		w.part(live.AnswerOf(r.by.Key))
	}
}

func (w *wanted) name(n live.Names) {
	w.quota = w.quota || n.Quota
	if n.Room != "" {
		w.rooms[n.Room] = w.rooms[n.Room] || n.Create
	}
	for _, id := range n.Others {
		if _, ok := w.rooms[id]; !ok {
			w.rooms[id] = false
		}
	}
	for _, id := range n.Parts {
		w.part(id)
	}
	for _, lane := range []live.Lanes{live.MembersLane, live.MessagesLane, live.AppLane} {
		if n.Lanes&lane != 0 {
			w.lane(wire.Lane(lane, n.Room), lane)
		}
	}
}

func (w *wanted) part(id live.PartID) {
	if w.parts == nil {
		w.parts = map[live.PartID]bool{}
	}
	w.parts[id] = true
	if id.Room == "" {
		w.rooms[""] = true
	}
}

func (w *wanted) lane(lane eventlog.Lane, kind live.Lanes) {
	if w.lanes == nil {
		w.lanes = map[eventlog.Lane]bool{}
	}
	w.lanes[lane] = true
	if kind == live.AppLane {
		w.rooms[""] = true
	}
}

func (w *wanted) want(app live.AppID, quota int64) Want {
	want := Want{App: app, Settings: w.settings}
	if w.quota && quota > 0 {
		want.Count = quota + w.commands // each of which may destroy a room and so make place
		w.lane(eventlog.AppLane, live.AppLane)
	}
	for id := range w.rooms {
		want.Rooms = append(want.Rooms, id)
	}
	slices.Sort(want.Rooms)
	for _, id := range want.Rooms {
		want.Create = append(want.Create, w.rooms[id])
	}
	for id := range w.parts {
		want.Parts = append(want.Parts, id)
	}
	slices.SortFunc(want.Parts, comparePartIDs)
	for lane := range w.lanes {
		want.Lanes = append(want.Lanes, lane)
	}
	slices.Sort(want.Lanes)
	return want
}

func comparePartIDs(a, b live.PartID) int {
	return cmp.Or(strings.Compare(string(a.Room), string(b.Room)), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Key, b.Key))
}
