package live

import "time"

// ScoreOp says what becomes of scores. Spec: set_battle_score, OpType; its values are others than those of modify_admin.
type ScoreOp int64

// The documented operations.
const (
	AddScores ScoreOp = 1
	SetScores ScoreOp = 2
)

// Score is the score of one room.
type Score struct {
	Room  RoomID
	Score int64
}

// SetBattleScore adds to scores of a battle that runs, or sets them. Spec: set_battle_score.
type SetBattleScore struct {
	ID     BattleID
	Op     ScoreOp
	Scores []Score
}

// Name implements [Command].
func (SetBattleScore) Name() string { return "set_battle_score" }

// Names implements [RoomCommand].
func (c SetBattleScore) Names() Names {
	from, err := c.ID.Room()
	if err != nil {
		return Names{} // Check refuses it
	}
	n := Names{Room: from, Parts: []PartID{RunningBattle(from), EndedBattle(from, c.ID)}}
	for _, score := range c.Scores {
		n.Others = append(n.Others, score.Room)
		n.Parts = append(n.Parts, InBattleOf(score.Room))
	}
	return n
}

// Check implements [RoomCommand].
func (c SetBattleScore) Check() error {
	if c.Op != AddScores && c.Op != SetScores {
		return invalid("OpType is %d; use %d (add) or %d (overwrite)", c.Op, AddScores, SetScores)
	}
	if len(c.Scores) == 0 || len(c.Scores) > MaxOpponents+1 {
		return invalid("ScoreList has %d entries; it takes 1 to %d", len(c.Scores), MaxOpponents+1)
	}
	for _, score := range c.Scores {
		if err := checkRoom("ScoreList", score.Room); err != nil {
			return err
		}
		if score.Score < -MaxScore || score.Score > MaxScore {
			return invalid("ScoreList has the Score %d; %d to %d are allowed", score.Score, -MaxScore, MaxScore)
		}
	}
	_, err := c.ID.Room()
	return err
}

// Apply implements [RoomCommand]. A battle whose time is up is over, also when that is not reported yet.
func (c SetBattleScore) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	from, err := c.ID.Room()
	if err != nil {
		return Outcome{}, err
	}
	running := part[*Battle](s, RunningBattle(from))
	if s.Room(from) == nil || s.Part(EndedBattle(from, c.ID)) == nil {
		return Outcome{}, noBattle()
	}
	if running == nil || running.ID != c.ID || running.end() <= now.UnixMilli() {
		return Outcome{}, Refuse(BattleOver, "the battle is over")
	}
	next, reply := running.copy(), &BattleReply{}
	for _, score := range c.Scores {
		reply.Results = append(reply.Results, BattleResult{score.Room, c.score(s, next, score)})
		if r := next.room(score.Room); r != nil && (r.Score < -MaxTotalScore || r.Score > MaxTotalScore) {
			return Outcome{}, invalid("ScoreList: room %q would have the score %d; %d to %d are counted", score.Room, r.Score, -MaxTotalScore, MaxTotalScore)
		}
	}
	return Outcome{
		Room:  s.Room(from),
		Parts: []PartChange{{ID: RunningBattle(from), Part: next}},
		Reply: Reply{Battle: reply},
	}, nil
}

// score sets the score of one room. A room that was destroyed is not in the battle any more, also when it was created again.
func (c SetBattleScore) score(s State, b *Battle, score Score) int64 {
	r, in := b.room(score.Room), part[*InBattle](s, InBattleOf(score.Room))
	if r == nil || in == nil || in.Battle != b.ID {
		return ScoreNoRoom
	}
	if c.Op == AddScores {
		score.Score += r.Score
	}
	r.Score = score.Score
	return ScoreSet
}
