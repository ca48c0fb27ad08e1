package rest

import (
	"context"
	"fmt"
	"slices"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// Spec: REST 7.1.
func createBattleFields(c *live.CreateBattle) []field {
	return []field{
		text("FromRoomId", live.MaxRoomID, &c.Room).must(),
		textsOrOne("ToRoomIdList", live.MaxOpponents, live.MaxRoomID, &c.To).must(),
		integer("Duration", 1, live.MaxBattle.Milliseconds(), &c.Duration).must(),
		text("ExtensionInfo", live.MaxExtensionInfo, &c.ExtensionInfo),
	}
}

// createBattle asks for a battle, with what the rules cannot know: random bytes for its id, and which rooms started the battles
// that its rooms are in.
func createBattle(ctx context.Context, h *Handler, r *request) (any, error) {
	var c live.CreateBattle
	err := decode(r.body, createBattleFields(&c))
	if err == nil {
		err = c.Check()
	}
	if err != nil {
		return nil, err
	}
	if c.Holders, err = h.holders(ctx, r, append([]live.RoomID{c.Room}, c.To...)); err != nil {
		return nil, err
	}
	h.random(c.Random[:])
	out, err := h.engine.Do(ctx, r.app.ID, r.actor(), c)
	if err != nil {
		return nil, err
	}
	answer := liveapi.CreateBattleResponse{Result: []liveapi.BattleResult{}}
	if reply := out.Reply.Battle; reply != nil {
		answer.BattleID = string(reply.ID)
		for _, res := range reply.Results {
			answer.Result = append(answer.Result, liveapi.BattleResult{
				RoomID: string(res.Room), ResultCode: res.Code, ResultMessage: battleResults[res.Code],
			})
		}
	}
	return answer, nil
}

var battleResults = map[int64]string{
	live.BattleStarted:   "",
	live.BattleElsewhere: "the room is in another battle",
	live.BattleNoRoom:    "there is no such room",
}

// holders are the rooms that started the battles in which rooms are.
func (h *Handler) holders(ctx context.Context, r *request, rooms []live.RoomID) ([]live.RoomID, error) {
	ids := make([]live.PartID, len(rooms))
	for i, id := range rooms {
		ids[i] = live.InBattleOf(id)
	}
	parts, err := h.rooms.Parts(ctx, r.app.ID, ids)
	if err != nil {
		return nil, fmt.Errorf("read the battles of rooms: %w", err)
	}
	var holders []live.RoomID
	for _, p := range parts {
		if in, ok := p.(*live.InBattle); ok && !slices.Contains(holders, in.From) {
			holders = append(holders, in.From)
		}
	}
	return holders, nil
}

// Spec: REST 7.2. OpType is an integer in the sample and a string in the table.
func setBattleScoreFields(c *live.SetBattleScore) []field {
	return []field{
		text("BattleId", live.MaxBattleID, &c.ID).must(),
		integerOrText("OpType", int64(live.AddScores), int64(live.SetScores), (*int64)(&c.Op)).must(),
		objects("ScoreList", live.MaxOpponents+1, &c.Scores, func(s *live.Score) []field {
			return []field{
				text("RoomId", live.MaxRoomID, &s.Room).must(),
				integer("Score", -live.MaxScore, live.MaxScore, &s.Score).must(),
			}
		}).must(),
	}
}

func setBattleScoreAnswer(_ *Handler, _ *request, _ live.SetBattleScore, out live.Outcome) any {
	answer := liveapi.SetBattleScoreResponse{Result: []liveapi.ScoreResult{}}
	if reply := out.Reply.Battle; reply != nil {
		for _, res := range reply.Results {
			answer.Result = append(answer.Result, liveapi.ScoreResult{RoomID: string(res.Room), ResultCode: res.Code})
		}
	}
	return answer
}

// battleQuestion names a battle, or a room whose battle it is.
type battleQuestion struct {
	id   live.BattleID
	room live.RoomID
}

// Spec: REST 7.3. BattleId is mandatory there, and RoomId for those who do not know it.
func getBattleInfoFields(q *battleQuestion) []field {
	return []field{text("BattleId", live.MaxBattleID, &q.id), text("RoomId", live.MaxRoomID, &q.room)}
}

func getBattleInfo(ctx context.Context, h *Handler, r *request, q battleQuestion) (any, error) {
	if q.id == "" && q.room == "" {
		return nil, live.Refuse(live.InvalidParameter, "BattleId is missing; it takes a string, or give RoomId")
	}
	if q.room != "" {
		if err := q.room.Check(); err != nil {
			return nil, err
		}
	}
	if q.id == "" {
		in, err := h.inBattle(ctx, r, q.room)
		if err != nil {
			return nil, err
		}
		q.id = in.Battle
	}
	from, err := q.id.Room()
	if err != nil {
		return nil, err
	}
	parts, err := h.rooms.Parts(ctx, r.app.ID, []live.PartID{live.RunningBattle(from), live.EndedBattle(from, q.id)})
	if err != nil {
		return nil, fmt.Errorf("read a battle: %w", err)
	}
	for _, p := range parts {
		if b, ok := p.(*live.Battle); ok && b.ID == q.id {
			return battleInfo(b, h.now().UnixMilli()), nil
		}
	}
	return nil, live.Refuse(live.BattleNotFound, "there is no such battle; it was over an hour ago, or the room that started it is destroyed")
}

// inBattle is the battle of a room, or its last one.
func (h *Handler) inBattle(ctx context.Context, r *request, id live.RoomID) (*live.InBattle, error) {
	if _, err := h.room(ctx, r, id); err != nil {
		return nil, err
	}
	parts, err := h.rooms.Parts(ctx, r.app.ID, []live.PartID{live.InBattleOf(id)})
	if err != nil {
		return nil, fmt.Errorf("read the battle of room %q: %w", id, err)
	}
	if in, ok := parts[0].(*live.InBattle); ok {
		return in, nil
	}
	return nil, live.Refuse(live.BattleNotFound, "room %q is in no battle", id)
}

// battleInfo is a battle as it is at a time in milliseconds: it is over when its time is up, also when that is not reported yet.
func battleInfo(b *live.Battle, now int64) liveapi.GetBattleInfoResponse {
	answer := liveapi.GetBattleInfoResponse{
		BattleID: string(b.ID), Duration: b.Duration, StartTime: b.Started / 1000, EndTime: b.End() / 1000,
		Status: liveapi.BattleRunning, FromRoomInfo: battleRoom(b.From), ToRoomList: []liveapi.BattleRoom{},
	}
	if b.End() <= now {
		answer.Status = liveapi.BattleEnded
	}
	for _, room := range b.To {
		answer.ToRoomList = append(answer.ToRoomList, battleRoom(room))
	}
	return answer
}

func battleRoom(r live.BattleRoom) liveapi.BattleRoom {
	return liveapi.BattleRoom{RoomID: string(r.Room), Score: r.Score, OwnerAccount: string(r.Owner)}
}
