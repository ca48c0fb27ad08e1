package callback

// The values of EndBattle.OpType.
const (
	BattleTimeUp    = 0
	BattleAllLeft   = 1 // all owners left after it had begun; Callboard: the room that started it was destroyed
	BattleNotJoined = 2 // it never began; Callboard does not send it, its battles begin at once
)

// CreateBattle is the body of Live.CallbackAfterCreateBattle: a battle between rooms was asked for, by a client or by REST.
// Spec: callbacks, section 6.10.
type CreateBattle struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// OperatorAccount is who asked for it.
	OperatorAccount Account `json:"Operator_Account"`
	// BattleID is opaque, and may hold '/', '+' and '='.
	BattleID   string `json:"BattleId"`
	FromRoomID string `json:"FromRoomId"`
	// ToRoomIDList are the rooms that were asked, from Callboard those that take part.
	ToRoomIDList []string `json:"ToRoomIdList"`
	// Timeout is how long their answers are waited for and Duration how long the battle lasts, both in milliseconds.
	Timeout  int64 `json:"Timeout"`
	Duration int64 `json:"Duration"`
	// NeedResponse false: the battle starts at once.
	NeedResponse  bool   `json:"NeedResponse"`
	ExtensionInfo string `json:"ExtensionInfo"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
}

// StartBattle is the body of Live.CallbackAfterStartBattle: a battle begins. Spec: callbacks, section 6.11.
type StartBattle struct {
	CallbackCommand Command `json:"CallbackCommand"`
	BattleID        string  `json:"BattleId"`
	// Duration is in milliseconds.
	Duration     int64        `json:"Duration"`
	CreateTime   Seconds      `json:"CreateTime"`
	StartTime    Seconds      `json:"StartTime"`
	FromRoomInfo BattleRoom   `json:"FromRoomInfo"`
	ToRoomList   []BattleRoom `json:"ToRoomList"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
}

// BattleRoom is a room of StartBattle.
type BattleRoom struct {
	RoomID       string  `json:"RoomId"`
	OwnerAccount Account `json:"Owner_Account"`
}

// EndBattle is the body of Live.CallbackAfterEndBattle: a battle is over. Spec: callbacks, section 6.12.
type EndBattle struct {
	CallbackCommand Command `json:"CallbackCommand"`
	BattleID        string  `json:"BattleId"`
	// Duration is in milliseconds.
	Duration   int64   `json:"Duration"`
	CreateTime Seconds `json:"CreateTime"`
	StartTime  Seconds `json:"StartTime"`
	EndTime    Seconds `json:"EndTime"`
	// OpType is BattleTimeUp, BattleAllLeft or BattleNotJoined.
	OpType       int64        `json:"OpType"`
	FromRoomInfo ScoredRoom   `json:"FromRoomInfo"`
	ToRoomList   []ScoredRoom `json:"ToRoomList"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
}

// ScoredRoom is a room of EndBattle.
type ScoredRoom struct {
	RoomID       string  `json:"RoomId"`
	Score        int64   `json:"Score"`
	OwnerAccount Account `json:"Owner_Account"`
}
