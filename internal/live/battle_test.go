package live_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/live"
)

// battle asks for one of a minute that r1 starts; the first byte of its id is n.
func battle(n byte, to ...live.RoomID) live.CreateBattle {
	return live.CreateBattle{Room: r1, To: spare(to), Duration: 60_000, Random: [16]byte{n}}
}

func idOf(n byte) live.BattleID { return live.NewBattleID([16]byte{n}, r1) }

func score(op live.ScoreOp, id live.RoomID, n int64) live.SetBattleScore {
	return live.SetBattleScore{ID: idOf(1), Op: op, Scores: []live.Score{{Room: id, Score: n}}}
}

func fourRooms(t *testing.T) *arena {
	return newArena(t, plainRoom("r1"), plainRoom("r2"), plainRoom("r3"), plainRoom("r4"))
}

// state is the first battle of r1 with scores.
func state(scores ...int64) live.Battle {
	rooms := make([]live.BattleRoom, len(scores))
	for i, s := range scores {
		id := live.RoomID("r" + string(rune('1'+i)))
		rooms[i] = live.BattleRoom{Room: id, Owner: live.Account("owner of " + id), Score: s}
	}
	return live.Battle{ID: idOf(1), From: rooms[0], To: rooms[1:], Duration: 60_000, Started: noon.UnixMilli()}
}

func over(b live.Battle, at time.Time) live.Battle {
	b.Ended = at.UnixMilli()
	return b
}

func TestBattleStartsTakesScoresAndEndsWhenItsTimeIsUp(t *testing.T) {
	a := fourRooms(t)
	c := battle(1, "r2", "r3")
	c.ExtensionInfo = "ext"
	out := a.do(c)
	same(t, "reply", out.Reply.Battle, &live.BattleReply{ID: idOf(1), Results: []live.BattleResult{{"r2", 0}, {"r3", 0}}})
	same(t, "events of the start", a.heard(), []live.Change{
		live.BattleCreated{Battle: state(0, 0, 0), ExtensionInfo: "ext"}, live.BattleStart{Battle: state(0, 0, 0)},
	})
	a.pass(59 * time.Second)
	out = a.do(live.SetBattleScore{ID: idOf(1), Op: live.AddScores, Scores: []live.Score{{"r1", 5}, {"r2", 7}, {"r2", 1}, {"r4", 9}, {"none", 9}}})
	same(t, "results", out.Reply.Battle.Results, []live.BattleResult{{"r1", 0}, {"r2", 0}, {"r2", 0}, {"r4", 1}, {"none", 1}})
	a.do(score(live.SetScores, "r1", -3))
	same(t, "events of scores", a.heard(), []live.Change(nil))
	same(t, "the running battle", a.parts[live.RunningBattle(r1)], live.Part(new(state(-3, 8, 0))))
	a.pass(time.Second)
	end := over(state(-3, 8, 0), noon.Add(time.Minute))
	same(t, "events of the end", a.heard(), []live.Change{live.BattleEnd{Battle: end, Cause: live.BattleTimeUp}})
	same(t, "the battle that is over", a.parts[live.EndedBattle(r1, idOf(1))], live.Part(&end))
	a.pass(live.KeepBattles - time.Millisecond)
	if a.parts[live.EndedBattle(r1, idOf(1))] == nil {
		t.Error("the battle is forgotten too early")
	}
	a.pass(time.Millisecond)
	if a.parts[live.EndedBattle(r1, idOf(1))] != nil || len(a.due) != 0 {
		t.Errorf("the battle is not forgotten after %s; due: %v", live.KeepBattles, a.due)
	}
	same(t, "events of forgetting", a.heard(), []live.Change(nil))
}

// Several servers may have the same timer, and one that was down looks late.
func TestBattleEndsOnce(t *testing.T) {
	a := fourRooms(t)
	a.do(battle(1, "r2"))
	end := live.EndBattle{Room: r1, ID: idOf(1)}
	a.now = noon.Add(59 * time.Second)
	a.do(end)
	if got := a.due[live.EndedBattle(r1, idOf(1))]; got != noon.Add(time.Minute).UnixMilli() {
		t.Errorf("looked at too early it is due at %d, want the end of the battle", got)
	}
	a.heard()
	a.now = noon.Add(time.Hour / 2)
	for range 3 {
		a.do(end)
	}
	a.do(live.EndBattle{Room: r1, ID: idOf(9)}) // which there never was
	a.do(live.EndBattle{Room: "none", ID: idOf(1)})
	same(t, "events", a.heard(), []live.Change{live.BattleEnd{Battle: over(state(0, 0), noon.Add(time.Minute))}})
}

// What stands there for a battle that is not the running one is taken away, and the running one goes on.
func TestEndOfABattleThatIsNotTheRunningOneEndsNothing(t *testing.T) {
	a := fourRooms(t)
	a.do(battle(1, "r2"))
	a.heard()
	a.parts[live.EndedBattle(r1, idOf(9))] = &live.Battle{}
	a.now = noon.Add(time.Hour)
	a.do(live.EndBattle{Room: r1, ID: idOf(9)})
	same(t, "events", a.heard(), []live.Change(nil))
	if a.parts[live.EndedBattle(r1, idOf(9))] != nil || a.parts[live.RunningBattle(r1)] == nil {
		t.Error("the one is still there, or the other is gone")
	}
}

func TestRoomsThatCannotTakePartAreNamed(t *testing.T) {
	a := fourRooms(t)
	a.do(live.CreateBattle{Room: "r2", To: []live.RoomID{"r3"}, Duration: 300_000})
	c := battle(1, "r2", "none", "r4", "r4")
	out := a.do(c)
	same(t, "results", out.Reply.Battle.Results, []live.BattleResult{{"r2", live.BattleElsewhere}, {"none", live.BattleNoRoom}, {"r4", live.BattleStarted}})
	a.refuses(battle(2, "r3"), live.RoomInBattle, `"r1"`)
	a.refuses(live.CreateBattle{Room: "r5", To: []live.RoomID{"r4"}, Duration: 1}, live.RoomNotFound, `"r5"`)
	a.rooms["r5"] = plainRoom("r5")
	a.refuses(live.CreateBattle{Room: "r5", To: []live.RoomID{"r1", "r2", "r3", "r4", "none"}, Duration: 1}, live.NobodyToBattle)
	a.refuses(live.CreateBattle{Room: "r4", To: []live.RoomID{"r5"}, Duration: 1}, live.RoomInBattle, `"r4"`)
}

func TestRoomsAreFreeWhenTheTimeOfTheirBattleIsUp(t *testing.T) {
	a := fourRooms(t)
	a.do(battle(1, "r2"))
	a.now = noon.Add(time.Minute) // and nobody has looked yet
	a.refuses(battle(2, "r2"), live.RoomInBattle)
	a.refuses(score(live.AddScores, r1, 1), live.BattleOver)
	a.do(live.CreateBattle{Room: "r2", To: []live.RoomID{"r1"}, Duration: 60_000})
	a.heard()
	a.pass(0)
	same(t, "the end of the first is reported all the same", a.heard(), []live.Change{live.BattleEnd{Battle: over(state(0, 0), a.now)}})
	a.refuses(battle(2, "r3"), live.RoomInBattle)
	a.pass(time.Minute)
	a.do(battle(2, "r2"))
}

func TestRoomThatIsDestroyedEndsItsBattle(t *testing.T) {
	a := fourRooms(t)
	a.do(battle(1, "r2"))
	a.do(score(live.SetScores, "r2", 7))
	a.heard()
	a.now = noon.Add(30 * time.Second)
	a.do(live.DestroyRoom{Room: r1})
	heard := a.heard()
	if len(heard) != 2 {
		t.Fatalf("reported %+v, want the end of the battle and that of the room", heard)
	}
	same(t, "the end of the battle", heard[0], live.Change(live.BattleEnd{Battle: over(state(0, 7), a.now), Cause: live.BattleLeft}))
	a.pass(time.Hour)
	a.refuses(score(live.AddScores, "r2", 1), live.BattleNotFound)
	same(t, "events later", a.heard(), []live.Change(nil))
}

// The time was up before, and nobody had looked yet.
func TestRoomThatIsDestroyedAfterItsBattleHadItsTimeSaysSo(t *testing.T) {
	a := fourRooms(t)
	a.do(battle(1, "r2"))
	a.heard()
	a.now = noon.Add(time.Minute + time.Millisecond)
	a.do(live.DestroyRoom{Room: r1})
	same(t, "the end of the battle", a.heard()[0], live.Change(live.BattleEnd{Battle: over(state(0, 0), noon.Add(time.Minute)), Cause: live.BattleTimeUp}))
}

// What the other rooms have of a battle is left dangling when the room that started it is destroyed.
func TestDanglingBattleCountsAsNone(t *testing.T) {
	a := fourRooms(t)
	a.do(battle(1, "r2"))
	a.do(live.DestroyRoom{Room: r1})
	next := live.CreateBattle{Room: "r2", To: []live.RoomID{"r3"}, Duration: 60_000}
	a.refuses(next, live.RoomInBattle) // who does not say where the battle would be is not let in
	next.Holders = []live.RoomID{r1}
	a.rooms[r1] = plainRoom(r1)
	a.do(battle(2, "r4")) // another life, and another battle
	a.do(next)
	a.refuses(battle(3, "r3"), live.RoomInBattle)
}

// A room that was created again is not in the battle of its life before.
func TestRoomThatIsCreatedAgainIsNotInTheBattle(t *testing.T) {
	a := fourRooms(t)
	a.do(battle(1, "r2", "r3"))
	a.do(live.DestroyRoom{Room: "r2"})
	for range 2 {
		out := a.do(score(live.AddScores, "r2", 1))
		same(t, "result", out.Reply.Battle.Results, []live.BattleResult{{"r2", live.ScoreNoRoom}})
		a.rooms["r2"] = plainRoom("r2")
	}
	a.do(live.CreateBattle{Room: "r2", To: []live.RoomID{"r4"}, Duration: 60_000})
	out := a.do(score(live.AddScores, "r2", 1))
	same(t, "result while it is in another battle", out.Reply.Battle.Results, []live.BattleResult{{"r2", live.ScoreNoRoom}})
	out = a.do(score(live.AddScores, "r3", 1))
	same(t, "result of a room that stayed", out.Reply.Battle.Results, []live.BattleResult{{"r3", live.ScoreSet}})
	a.heard()
	a.pass(time.Minute)
	if got := len(a.heard()); got != 2 {
		t.Errorf("%d battles ended, want both", got)
	}
}

func TestBattleWithAnIdThatIsTakenIsNotBegun(t *testing.T) {
	a := fourRooms(t)
	a.do(battle(1, "r2"))
	a.pass(time.Minute)
	a.refuses(battle(1, "r2"), live.Unavailable, "try again")
}

// However often points are added, no score comes to what some readers of JSON would change, or round to the other sign.
func TestScoresThatReadersWouldChangeAreRefused(t *testing.T) {
	a := fourRooms(t)
	a.do(battle(1, "r2"))
	a.do(score(live.SetScores, "r2", live.MaxScore))
	var many live.SetBattleScore
	for _, points := range []int64{live.MaxScore, -live.MaxScore} {
		many = score(live.AddScores, "r2", points)
		many.Scores = slices.Repeat(many.Scores, live.MaxOpponents+1)
		accepted := 0
		for ; accepted < 1000; accepted++ {
			if _, err := a.try(many); err != nil {
				break
			}
		}
		a.refuses(many, live.InvalidParameter, "r2", "9007199254740991")
		if accepted < 400 {
			t.Errorf("refused after %d calls, too early", accepted)
		}
	}
}

func TestBattleIsCheckedBeforeAnythingIsRead(t *testing.T) {
	many := make([]live.RoomID, live.MaxOpponents+1)
	for i := range many {
		many[i] = live.RoomID("r" + strings.Repeat("x", i+1))
	}
	with := func(change func(*live.CreateBattle)) live.CreateBattle {
		c := battle(1, "r2")
		change(&c)
		return c
	}
	scores := func(change func(*live.SetBattleScore)) live.SetBattleScore {
		c := score(live.AddScores, "r2", 1)
		change(&c)
		return c
	}
	cases := []struct {
		name    string
		command live.RoomCommand
		kind    live.Kind
		says    string
	}{
		{"from", with(func(c *live.CreateBattle) { c.Room = "" }), live.InvalidParameter, "FromRoomId"},
		{"nobody", with(func(c *live.CreateBattle) { c.To = nil }), live.InvalidParameter, "ToRoomIdList"},
		{"too many", with(func(c *live.CreateBattle) { c.To = many }), live.InvalidParameter, "21"},
		{"a bad one", with(func(c *live.CreateBattle) { c.To = []live.RoomID{"r2", "a b"} }), live.InvalidParameter, "ToRoomIdList"},
		{"itself", with(func(c *live.CreateBattle) { c.To = []live.RoomID{"r2", "r1"} }), live.InvalidParameter, "FromRoomId"},
		{"no time", with(func(c *live.CreateBattle) { c.Duration = 0 }), live.InvalidParameter, "Duration"},
		{"too long", with(func(c *live.CreateBattle) { c.Duration = 300_001 }), live.InvalidParameter, "300000"},
		{"extension", with(func(c *live.CreateBattle) { c.ExtensionInfo = strings.Repeat("x", 2049) }), live.InvalidParameter, "ExtensionInfo"},

		{"operation", scores(func(c *live.SetBattleScore) { c.Op = 3 }), live.InvalidParameter, "OpType"},
		{"no scores", scores(func(c *live.SetBattleScore) { c.Scores = nil }), live.InvalidParameter, "ScoreList"},
		{"too many scores", scores(func(c *live.SetBattleScore) { c.Scores = make([]live.Score, 22) }), live.InvalidParameter, "22"},
		{"no room", scores(func(c *live.SetBattleScore) { c.Scores = []live.Score{{}} }), live.InvalidParameter, "RoomId"},
		{"large", scores(func(c *live.SetBattleScore) { c.Scores[0].Score = live.MaxScore + 1 }), live.InvalidParameter, "Score"},
		{"no id", scores(func(c *live.SetBattleScore) { c.ID = "" }), live.InvalidParameter, "BattleId"},
		{"no id of ours", scores(func(c *live.SetBattleScore) { c.ID = "HuYM" }), live.BattleNotFound, "BattleId"},
		{"of no room", scores(func(c *live.SetBattleScore) { c.ID = live.NewBattleID([16]byte{}, "none") }), live.BattleNotFound, "BattleId"},
		{"never started", scores(func(*live.SetBattleScore) {}), live.BattleNotFound, "BattleId"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { fourRooms(t).refuses(c.command, c.kind, c.says) })
	}
}

// An id comes back from callers: it names the room that it was made for, and no other text names anything.
func TestBattleIDNamesTheRoomThatStartedItAndNothingElse(t *testing.T) {
	longest := live.RoomID(strings.Repeat("x", live.MaxRoomID))
	for _, room := range []live.RoomID{"a", "r1", "r_-1", longest} {
		id := live.NewBattleID([16]byte{0xff, 0xfe, 0xfd}, room)
		got, err := id.Room()
		if err != nil || got != room {
			t.Errorf("%q names %q, %v, want %q", id, got, err, room)
		}
	}
	of := func(raw string) live.BattleID {
		return live.BattleID(base64.RawURLEncoding.EncodeToString([]byte(raw)))
	}
	good := idOf(1)
	random := strings.Repeat("r", 16)
	for _, id := range []live.BattleID{
		"x", "====", good + "=", good + "\n", "\n" + good, good[:8] + "\r\n" + good[8:], good[:len(good)-1] + "x" + "\x00", good + "AAAA",
		of(random), of(random[1:]), of(random + "a b"), of(random + "\x00"), of(random + "r1/members"), of(random + "é"), of(random + string(longest) + "x"),
		live.BattleID(strings.Repeat("A", live.MaxBattleID)), live.BattleID(strings.Repeat("A", live.MaxBattleID+1)), "\xff",
	} {
		if room, err := id.Room(); err == nil {
			t.Errorf("%q names the room %q, want nothing", id, room)
		}
	}
}

func FuzzBattleID(f *testing.F) {
	f.Add(string(idOf(1)))
	f.Add("HuYM/+==")
	f.Fuzz(func(t *testing.T, text string) {
		id := live.BattleID(text)
		room, err := id.Room()
		if err != nil {
			return
		}
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || room.Check() != nil || live.NewBattleID([16]byte(raw), room) != id {
			t.Errorf("%q names %q", text, room)
		}
	})
}

// The same call under the same idempotency key is the same, though its random bytes are others.
func TestRandomBytesAreNotPartOfWhatABattleSays(t *testing.T) {
	first, again := battle(1, "r2"), battle(2, "r2")
	again.Holders = []live.RoomID{"r9"}
	answer, err := live.NewAnswer(first, live.Reply{Battle: &live.BattleReply{ID: idOf(1)}})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := live.DecodePart(live.KindAnswer, doc)
	if err != nil {
		t.Fatal(err)
	}
	out, err := kept.(*live.Answer).Again(again)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "reply", out.Reply.Battle, &live.BattleReply{ID: idOf(1)})
}
