package liveapi

import "context"

// CreateBattleRequest is the body of create_battle. Spec: REST 7.1.
type CreateBattleRequest struct {
	FromRoomID string `json:"FromRoomId"`
	// ToRoomIDList are 1 to 20 other rooms. They need not be connected.
	ToRoomIDList []string `json:"ToRoomIdList"`
	// Duration is in milliseconds, at most 300,000.
	Duration int64 `json:"Duration"`
	// ExtensionInfo has at most 2,048 bytes and goes into the callback.
	ExtensionInfo string `json:"ExtensionInfo,omitempty"`
}

// CreateBattleResponse is the payload of create_battle. Spec: REST 7.1.
type CreateBattleResponse struct {
	// BattleID is opaque.
	BattleID string `json:"BattleId"`
	// Result has an entry for each room of the request's ToRoomIDList.
	Result []BattleResult `json:"Result"`
}

// The values of BattleResult.ResultCode.
const (
	BattleStarted   = 0
	BattleElsewhere = 3 // the room is in another battle
	BattleFailed    = 5 // documented as a system error; here: there is no such room
)

// BattleResult says whether a room takes part in a battle.
type BattleResult struct {
	RoomID string `json:"RoomId"`
	// ResultCode is BattleStarted, BattleElsewhere or BattleFailed.
	ResultCode    int64  `json:"ResultCode"`
	ResultMessage string `json:"ResultMessage"`
}

// CreateBattle starts a battle with as many of the other rooms as can take part. [CodeRoomInBattle] when the room itself is in
// another one, [CodeNobodyToBattle] when no other room can.
func (c *Client) CreateBattle(ctx context.Context, request CreateBattleRequest) (CreateBattleResponse, error) {
	var answer CreateBattleResponse
	err := c.call(ctx, ServiceBattle, "create_battle", request, &answer)
	return answer, err
}

// The values of SetBattleScoreRequest.OpType; they are others than those of modify_admin.
const (
	ScoreAdd       = 1
	ScoreOverwrite = 2
)

// SetBattleScoreRequest is the body of set_battle_score. Spec: REST 7.2.
type SetBattleScoreRequest struct {
	BattleID string `json:"BattleId"`
	// OpType is ScoreAdd or ScoreOverwrite.
	OpType int64 `json:"OpType"`
	// ScoreList has 1 to 21 entries.
	ScoreList []RoomScore `json:"ScoreList"`
}

// RoomScore is the score of one room, at most a million million, also below 0.
type RoomScore struct {
	RoomID string `json:"RoomId"`
	Score  int64  `json:"Score"`
}

// SetBattleScoreResponse is the payload of set_battle_score. Spec: REST 7.2.
type SetBattleScoreResponse struct {
	// Result has an entry for each of the request's ScoreList.
	Result []ScoreResult `json:"Result"`
}

// The values of ScoreResult.ResultCode.
const (
	ScoreSet    = 0
	ScoreNoRoom = 1 // there is no such room in the battle
)

// ScoreResult says whether the score of a room was set.
type ScoreResult struct {
	RoomID string `json:"RoomId"`
	// ResultCode is ScoreSet or ScoreNoRoom.
	ResultCode int64 `json:"ResultCode"`
}

// SetBattleScore adds to scores of a battle, or overwrites them. [CodeBattleNotFound] when there is no such battle,
// [CodeBattleOver] when it has ended.
func (c *Client) SetBattleScore(ctx context.Context, request SetBattleScoreRequest) ([]ScoreResult, error) {
	var answer SetBattleScoreResponse
	err := c.call(ctx, ServiceBattle, "set_battle_score", request, &answer)
	return answer.Result, err
}

// GetBattleInfoRequest is the body of get_battle_info: one of the two is needed, and BattleID counts when both are there.
// Spec: REST 7.3.
type GetBattleInfoRequest struct {
	BattleID string `json:"BattleId"`
	// RoomID is a room of the battle.
	RoomID string `json:"RoomId,omitempty"`
}

// GetBattleInfoResponse is the payload of get_battle_info. Spec: REST 7.3.
type GetBattleInfoResponse struct {
	BattleID string `json:"BattleId"`
	// Duration is in milliseconds.
	Duration int64 `json:"Duration"`
	// StartTime and EndTime are in Unix seconds; EndTime is also that of a battle which is not over.
	StartTime int64 `json:"StartTime"`
	EndTime   int64 `json:"EndTime"`
	// Status is BattleRunning or BattleEnded.
	Status       int64        `json:"Status"`
	FromRoomInfo BattleRoom   `json:"FromRoomInfo"`
	ToRoomList   []BattleRoom `json:"ToRoomList"`
}

// The values of GetBattleInfoResponse.Status. Only the second is documented.
const (
	BattleRunning = 2
	BattleEnded   = 3
)

// BattleRoom is a room in a battle.
type BattleRoom struct {
	RoomID string `json:"RoomId"`
	Score  int64  `json:"Score"`
	// OwnerAccount is the owner when the battle began.
	OwnerAccount string `json:"Owner_Account"`
}

// GetBattleInfo returns a battle that runs, or that ended less than an hour ago; [CodeBattleNotFound] for any other.
func (c *Client) GetBattleInfo(ctx context.Context, request GetBattleInfoRequest) (GetBattleInfoResponse, error) {
	var answer GetBattleInfoResponse
	err := c.call(ctx, ServiceBattle, "get_battle_info", request, &answer)
	return answer, err
}
