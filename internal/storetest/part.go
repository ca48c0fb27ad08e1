package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// inRoom names a member of a room, a kind of part that a room has many of.
func inRoom(id live.RoomID, key string) live.PartID {
	return live.PartID{Room: id, Kind: live.KindMember, Key: key}
}

func member(entered int) []byte { return fmt.Appendf(nil, `{"Entered":%d}`, entered) }

// begin makes a room of a life, with its parts.
func (t *suite) begin(id live.RoomID, life int64, parts ...engine.PartChange) {
	t.Helper()
	doc := room(id)
	doc.Life = life
	for i := range parts {
		parts[i].Life = life
	}
	t.must(commit(t.s, []engine.Change{{
		App: app1, Rooms: []engine.RoomChange{{ID: id, Room: engine.Room{Doc: doc, Lane: eventlog.LaneState{Seq: life}}}}, Parts: parts,
	}}))
}

func (t *suite) end(id live.RoomID, life int64) {
	t.Helper()
	t.must(commit(t.s, []engine.Change{{
		App: app1, Rooms: []engine.RoomChange{{ID: id}}, Gone: []engine.Life{{Room: id, Life: life}},
	}}))
}

// keys are those of the members of a room, in pages of two.
func (t *suite) keys(id live.RoomID) []string {
	t.Helper()
	var keys []string
	for after := inRoom(id, ""); ; after.Key = keys[len(keys)-1] {
		page, err := t.s.PartsAfter(ctx(), app1, after, 2)
		t.must(err)
		for _, p := range page {
			keys = append(keys, p.Key)
		}
		if len(page) < 2 {
			return keys
		}
	}
}

// loadParts is what a transaction sees.
func (t *suite) loadParts(want engine.Want) engine.Loaded {
	t.Helper()
	tx, err := t.s.Begin(ctx())
	t.must(err)
	defer tx.Rollback()
	loaded, err := tx.Load(ctx(), []engine.Want{want})
	t.must(err)
	return loaded[0]
}

func partsReplaced(t *suite) {
	t.newApps(app1)
	t.begin("r1", 1, engine.PartChange{ID: inRoom("r1", "a"), Doc: member(1)}, engine.PartChange{ID: inRoom("r1", "b"), Doc: member(2)})
	t.begin("r2", 1, engine.PartChange{ID: inRoom("r2", "a"), Doc: member(3)})
	t.must(commit(t.s, []engine.Change{{App: app1, Parts: []engine.PartChange{
		{ID: live.AnswerOf("k"), Doc: []byte(`{"Command":"x"}`)},
		{ID: inRoom("r1", "a"), Life: 1},
		{ID: inRoom("r1", "b"), Life: 1, Doc: member(4)},
	}}}))
	ids := []live.PartID{inRoom("r2", "a"), inRoom("r1", "a"), inRoom("r1", "b"), live.AnswerOf("k"), live.AnswerOf("other"), inRoom("r3", "a")}
	got, err := t.s.Parts(ctx(), app1, ids)
	t.must(err)
	t.same("parts that are read", got, []live.Part{&live.Member{Entered: 3}, nil, &live.Member{Entered: 4}, &live.Answer{Command: "x"}, nil, nil})
	sorted := slices.Clone(ids[:3])
	loaded := t.loadParts(engine.Want{App: app1, Rooms: []live.RoomID{"r1", "r2"}, Create: []bool{false, false}, Parts: sorted})
	t.same("parts that are loaded", loaded.Parts, [][]byte{member(3), nil, member(4)})
}

func partsGoWithTheirRoom(t *suite) {
	t.newApps(app1)
	t.begin("r1", 3, engine.PartChange{ID: inRoom("r1", "a"), Doc: member(1), Due: 5}, engine.PartChange{ID: inRoom("r1", "b"), Doc: member(2)})
	t.end("r1", 3)
	t.same("keys of a room that is gone", t.keys("r1"), []string(nil))
	t.begin("r1", 9, engine.PartChange{ID: inRoom("r1", "c"), Doc: member(3)})
	t.same("keys of its next life", t.keys("r1"), []string{"c"})
	loaded := t.loadParts(engine.Want{App: app1, Rooms: []live.RoomID{"r1"}, Create: []bool{true}, Parts: []live.PartID{inRoom("r1", "a"), inRoom("r1", "c")}})
	t.same("parts that are loaded", loaded.Parts, [][]byte{nil, member(3)})
	due, err := t.s.DueParts(ctx(), time.UnixMilli(10), 9)
	t.must(err)
	t.same("parts that are due", due, []engine.Due(nil))
	t.must(commit(t.s, []engine.Change{{App: app1, Parts: []engine.PartChange{{ID: inRoom("r1", "a"), Life: 9, Doc: member(4)}}}}))
	t.same("keys after a part of the life before came again", t.keys("r1"), []string{"a", "c"})
}

func partsInPages(t *suite) {
	t.newApps(app1)
	keys := []string{"B", "a", "ab", "b", "ä", "本"}
	var parts []engine.PartChange
	for i, key := range keys {
		parts = append(parts, engine.PartChange{ID: inRoom("r1", key), Doc: member(i)})
	}
	t.begin("r1", 1, parts...)
	t.begin("r2", 1, engine.PartChange{ID: inRoom("r2", "z"), Doc: member(1)}, engine.PartChange{ID: live.TallyOf("r2"), Doc: []byte(`{}`)})
	t.same("keys", t.keys("r1"), keys)
	t.same("keys of another room", t.keys("r2"), []string{"z"})
}

func partsDue(t *suite) {
	t.newApps(app1, app2)
	t.begin("r1", 1,
		engine.PartChange{ID: inRoom("r1", "later"), Doc: member(1), Due: 200},
		engine.PartChange{ID: inRoom("r1", "never"), Doc: member(1)},
		engine.PartChange{ID: inRoom("r1", "soon"), Doc: member(1), Due: 100})
	t.must(commit(t.s, []engine.Change{
		{App: app1, Parts: []engine.PartChange{{ID: live.AnswerOf("k"), Doc: []byte(`{}`), Due: 1}}},
		{App: app2, Parts: []engine.PartChange{{ID: live.PartID{Kind: live.KindTally}, Doc: []byte(`{}`), Due: 150}}},
	}))
	due := func(now int64, limit int) []engine.Due {
		list, err := t.s.DueParts(ctx(), time.UnixMilli(now), limit)
		t.must(err)
		return list
	}
	soon, later := engine.Due{App: app1, Part: inRoom("r1", "soon")}, engine.Due{App: app1, Part: inRoom("r1", "later")}
	other := engine.Due{App: app2, Part: live.PartID{Kind: live.KindTally}}
	t.same("before", due(99, 9), []engine.Due(nil))
	t.same("at the time", due(100, 9), []engine.Due{soon})
	t.same("after", due(1000, 9), []engine.Due{soon, other, later})
	t.same("limited", due(1000, 2), []engine.Due{soon, other})
	t.must(commit(t.s, []engine.Change{{App: app1, Parts: []engine.PartChange{{ID: soon.Part, Life: 1, Doc: member(2), Due: 300}}}}))
	t.same("put off", due(250, 9), []engine.Due{other, later})
}

func partsSwept(t *suite) {
	t.newApps(app1)
	var parts []engine.PartChange
	for i := range 7 {
		parts = append(parts, engine.PartChange{ID: inRoom("r1", fmt.Sprint(i)), Doc: member(i)})
	}
	t.begin("r1", 1, parts...)
	t.begin("r2", 1, engine.PartChange{ID: inRoom("r2", "stays"), Doc: member(1)})
	t.must(commit(t.s, []engine.Change{{App: app1, Parts: []engine.PartChange{
		{ID: live.AnswerOf("old"), Doc: []byte(`{}`), Due: 10}, {ID: live.AnswerOf("young"), Doc: []byte(`{}`), Due: 30},
	}}}))
	sweep := func() int {
		n, err := t.s.SweepParts(ctx(), time.UnixMilli(20), 3)
		t.must(err)
		return n
	}
	t.same("swept before the room ended", sweep(), 1) // the answer
	t.end("r1", 1)
	t.begin("r1", 9, engine.PartChange{ID: inRoom("r1", "new"), Doc: member(1)})
	rounds := 0
	for sweep() > 0 {
		rounds++
	}
	if rounds < 3 || rounds > 6 {
		t.Errorf("swept in %d rounds, want 3 to 6 of at most 3 parts", rounds)
	}
	t.same("keys of the next life", t.keys("r1"), []string{"new"})
	t.same("keys of another room", t.keys("r2"), []string{"stays"})
	left, err := t.s.Parts(ctx(), app1, []live.PartID{live.AnswerOf("old"), live.AnswerOf("young")})
	t.must(err)
	t.same("answers", left, []live.Part{nil, &live.Answer{}})
}

// lanesFromTheLog: the lanes beside a room's control lane, and that of the App, go on where the log has them.
func lanesFromTheLog(t *suite) {
	t.newApps(app1)
	want := engine.Want{App: app1, Rooms: []live.RoomID{"", "r1"}, Create: []bool{true, false}, Lanes: []eventlog.Lane{"@app", "r1/members", "r1/messages"}}
	t.same("lanes that had no event", t.loadParts(want).Lanes, make([]eventlog.LaneState, 3))
	var events []eventlog.Event
	states := map[eventlog.Lane]eventlog.LaneState{}
	for i, lane := range []eventlog.Lane{"r1/members", "@app", "r1/members", "r1"} {
		e := eventlog.Event{Lane: lane, Command: modifyAdmin, Callback: i != 2, Body: []byte("{}")}
		states[lane] = states[lane].Next(&e, int64(10+i))
		events = append(events, e)
	}
	t.must(commit(t.s, []engine.Change{{App: app1, Events: events}}))
	t.same("lanes", t.loadParts(want).Lanes, []eventlog.LaneState{states["@app"], states["r1/members"], {}})
}

// countedByAll: writers on all handles add to one part, and none of it is lost.
func countedByAll(t *suite) {
	t.newApps(app1)
	t.begin("r1", 1)
	const each = 20
	var writers sync.WaitGroup
	for _, s := range t.handles() {
		for _, scope := range []live.RoomID{"", "r1"} {
			writers.Go(func() {
				for range each {
					if err := count(s, scope); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	writers.Wait()
	for _, scope := range []live.RoomID{"", "r1"} {
		got, err := t.s.Parts(ctx(), app1, []live.PartID{live.TallyOf(scope)})
		t.must(err)
		t.same(fmt.Sprintf("tally of %q", scope), got, []live.Part{&live.Tally{Views: int64(each * len(t.handles()))}})
	}
}

// count adds one to a tally.
func count(s Store, scope live.RoomID) error {
	tx, err := s.Begin(ctx())
	if err != nil {
		return err
	}
	defer tx.Rollback()
	id := live.TallyOf(scope)
	loaded, err := tx.Load(ctx(), []engine.Want{{App: app1, Rooms: []live.RoomID{scope}, Create: []bool{scope == ""}, Parts: []live.PartID{id}}})
	if err != nil {
		return err
	}
	tally := &live.Tally{}
	if doc := loaded[0].Parts[0]; doc != nil {
		part, err := live.DecodePart(live.KindTally, doc)
		if err != nil {
			return err
		}
		tally = part.(*live.Tally)
	}
	life := int64(0)
	if scope != "" {
		life = 1
	}
	return tx.Commit(ctx(), []engine.Change{{App: app1, Parts: []engine.PartChange{{ID: id, Life: life, Doc: fmt.Appendf(nil, `{"Views":%d}`, tally.Views+1)}}}})
}

// wantOf names what a change writes, as the engine does.
func wantOf(ch *engine.Change) engine.Want {
	want := engine.Want{App: ch.App, Settings: ch.Settings != nil}
	creates := map[live.RoomID]bool{}
	for _, r := range ch.Rooms {
		creates[r.ID] = r.Room.Doc != nil
	}
	for _, p := range ch.Parts {
		want.Parts = append(want.Parts, p.ID)
		creates[p.ID.Room] = creates[p.ID.Room] || p.ID.Room == ""
	}
	for id := range creates {
		want.Rooms = append(want.Rooms, id)
	}
	slices.SortFunc(want.Rooms, func(a, b live.RoomID) int { return cmp.Compare(a, b) })
	for _, id := range want.Rooms {
		want.Create = append(want.Create, creates[id])
	}
	return want
}
