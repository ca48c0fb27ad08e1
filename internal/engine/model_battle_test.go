package engine_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// modelBattle is what the model knows of a battle. Its time is never up while the test runs.
type modelBattle struct {
	id     live.BattleID
	holder live.RoomID
	over   bool // the room that started it was destroyed
	scores map[live.RoomID]int64
}

// fighting is the battle that a room is in, nil for none.
func (m *machine) fighting(id live.RoomID) *modelBattle {
	if b := m.battles[id]; b != nil && !b.over {
		return b
	}
	return nil
}

func (m *machine) battle(t *rapid.T) {
	all := []live.RoomID{"r1", "r2", "r3"}
	c := live.CreateBattle{
		Room: roomIDs.Draw(t, "from"), To: rapid.SliceOfN(roomIDs, 1, 4).Draw(t, "to"), Duration: live.MaxBattle.Milliseconds(), Holders: all,
	}
	binary.LittleEndian.PutUint64(c.Random[:], uint64(len(m.started)))
	b := &modelBattle{id: live.NewBattleID(c.Random, c.Room), holder: c.Room, scores: map[live.RoomID]int64{c.Room: 0}}
	var results []live.BattleResult
	for i, to := range c.To {
		if slices.Index(c.To, to) != i {
			continue
		}
		result := live.BattleStarted
		switch {
		case m.rooms[to] == nil:
			result = live.BattleNoRoom
		case m.fighting(to) != nil:
			result = live.BattleElsewhere
		default:
			b.scores[to] = 0
		}
		results = append(results, live.BattleResult{Room: to, Code: result})
	}
	switch {
	case slices.Contains(c.To, c.Room):
		m.run(c, live.InvalidParameter)
	case m.rooms[c.Room] == nil:
		m.run(c, live.RoomNotFound)
	case m.fighting(c.Room) != nil:
		m.run(c, live.RoomInBattle)
	case len(b.scores) == 1:
		m.run(c, live.NobodyToBattle)
	default:
		m.reply(c, &live.BattleReply{ID: b.id, Results: results})
		for id := range b.scores {
			m.battles[id] = b
		}
		m.started = append(m.started, b)
		m.expect(c.Room, callback.CommandAfterCreateBattle)
		m.expect(c.Room, callback.CommandAfterStartBattle)
	}
}

// reply runs a command of battles and compares what it answers.
func (m *machine) reply(c live.RoomCommand, want *live.BattleReply) {
	m.Helper()
	out, err := m.f.engine.Do(context.Background(), m.app, actor, c)
	if err != nil {
		m.Fatalf("%s %+v: %v", c.Name(), c, err)
	}
	m.same(fmt.Sprintf("reply to %+v", c), out.Reply.Battle, want)
}

func (m *machine) score(t *rapid.T) {
	if len(m.started) == 0 {
		t.Skip("there was no battle yet: rapid draws another step")
	}
	b := rapid.SampledFrom(m.started).Draw(t, "battle")
	c := live.SetBattleScore{ID: b.id, Op: rapid.SampledFrom([]live.ScoreOp{live.AddScores, live.SetScores}).Draw(t, "op")}
	for _, id := range rapid.SliceOfN(roomIDs, 1, 3).Draw(t, "rooms") {
		c.Scores = append(c.Scores, live.Score{Room: id, Score: rapid.Int64Range(-5, 5).Draw(t, "score")})
	}
	if b.over {
		m.run(c, live.BattleNotFound)
		return
	}
	reply := &live.BattleReply{}
	for _, score := range c.Scores {
		result := live.ScoreNoRoom
		if m.battles[score.Room] == b {
			result = live.ScoreSet
			if c.Op == live.AddScores {
				score.Score += b.scores[score.Room]
			}
			b.scores[score.Room] = score.Score
		}
		reply.Results = append(reply.Results, live.BattleResult{Room: score.Room, Code: result})
	}
	m.reply(c, reply)
}

// leaveBattle is what becomes of battles when a room is destroyed.
func (m *machine) leaveBattle(id live.RoomID) {
	if b := m.fighting(id); b != nil && b.holder == id {
		b.over = true
		m.expect(id, callback.CommandAfterEndBattle)
	}
	delete(m.battles, id)
}

// checkBattle compares the battle that a room has started.
func (m *machine) checkBattle(id live.RoomID) {
	parts, err := m.f.db.Parts(context.Background(), m.app, []live.PartID{live.RunningBattle(id)})
	if err != nil {
		m.Fatal(err)
	}
	var got, want map[live.RoomID]int64
	if b, ok := parts[0].(*live.Battle); ok {
		got = map[live.RoomID]int64{b.From.Room: b.From.Score}
		for _, r := range b.To {
			got[r.Room] = r.Score
		}
	}
	if b := m.fighting(id); b != nil && b.holder == id {
		want = b.scores
	}
	m.same(fmt.Sprintf("scores of the battle of room %s", id), got, want)
}
