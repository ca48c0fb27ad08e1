package callback

import "encoding/json"

// The values of DestroyRoom.EventType.
const (
	DestroyByUser   = "DestroyByUser"
	DestroyBySystem = "DestroyBySystem"
)

// CreateRoom is the body of Live.CallbackAfterCreateRoom: a room was created, by a client or by REST.
// Spec: callbacks, section 6.1.
type CreateRoom struct {
	CallbackCommand Command     `json:"CallbackCommand"`
	OperatorAccount Account     `json:"Operator_Account"`
	RoomInfo        CreatedRoom `json:"RoomInfo"`
	// EventTime is in milliseconds. It is written here, at top level and last. The pages disagree about its place, so it
	// is read from here or, failing that, from RoomInfo; 0 when it is in neither.
	EventTime Millis `json:"EventTime"`
}

// UnmarshalJSON reads the body, with EventTime at top level, in RoomInfo or absent.
func (c *CreateRoom) UnmarshalJSON(b []byte) error {
	type plain CreateRoom // the same fields without this method
	if err := json.Unmarshal(b, (*plain)(c)); err != nil {
		return err
	}
	if c.EventTime != 0 {
		return nil
	}
	var older struct {
		RoomInfo struct{ EventTime Millis }
	}
	if err := json.Unmarshal(b, &older); err != nil {
		return err
	}
	c.EventTime = older.RoomInfo.EventTime
	return nil
}

// CreatedRoom is the RoomInfo of CreateRoom.
type CreatedRoom struct {
	RoomID            string     `json:"RoomId"`
	RoomName          string     `json:"RoomName"`
	RoomType          string     `json:"RoomType"` // "Live"
	OwnerAccount      Account    `json:"Owner_Account"`
	MaxMemberCount    int64      `json:"MaxMemberCount"`
	IsMessageDisabled bool       `json:"IsMessageDisabled"` // members may not send text messages
	CustomInfo        string     `json:"CustomInfo"`        // of the App
	IsSeatEnabled     bool       `json:"IsSeatEnabled"`
	TakeSeatMode      string     `json:"TakeSeatMode"` // "None", "FreeToTake" or "ApplyToTake"
	MaxSeatCount      int64      `json:"MaxSeatCount"`
	CreateTime        Seconds    `json:"CreateTime"`
	IsPublicVisible   bool       `json:"IsPublicVisible"`
	CoverURL          string     `json:"CoverURL"`
	Category          Categories `json:"Category"`
}

// DestroyRoom is the body of Live.CallbackAfterDestroyRoom: a room is gone, by a client, by REST or by the platform.
// Spec: callbacks, section 6.2.
type DestroyRoom struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// OperatorAccount is @TIM#SYSTEM when the platform dissolved the room.
	OperatorAccount Account `json:"Operator_Account"`
	RoomID          string  `json:"RoomId"`
	// EventType is DestroyByUser or DestroyBySystem.
	EventType string `json:"EventType"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
	// RoomInfo is the room as it was last. The oldest form of the body lacks it: it is the zero value then.
	RoomInfo DestroyedRoom `json:"RoomInfo"`
	// Statistic is nil when the sender left it out, and is left out when it is nil.
	Statistic *Statistic `json:"Statistic,omitempty"`
}

// DestroyedRoom is the RoomInfo of DestroyRoom.
type DestroyedRoom struct {
	// RoomID is left out when it is empty: the documented sample lacks it, a real payload has it, first.
	RoomID                 string     `json:"RoomId,omitempty"`
	RoomName               string     `json:"RoomName"`
	RoomType               string     `json:"RoomType"` // "Live"
	OwnerAccount           Account    `json:"Owner_Account"`
	IsSeatEnabled          bool       `json:"IsSeatEnabled"`
	TakeSeatMode           string     `json:"TakeSeatMode"` // "None", "FreeToTake" or "ApplyToTake"
	MaxMemberCount         int64      `json:"MaxMemberCount"`
	MaxSeatCount           int64      `json:"MaxSeatCount"`
	Category               Categories `json:"Category"` // nil when a sender left it out
	CustomInfo             string     `json:"CustomInfo"`
	IsMessageDisabled      bool       `json:"IsMessageDisabled"`
	CoverURL               string     `json:"CoverURL"`
	ActivityStatus         int64      `json:"ActivityStatus"` // of the App
	IsPublicVisible        bool       `json:"IsPublicVisible"`
	ViewCount              int64      `json:"ViewCount"` // entries, each counted
	BackgroundURL          string     `json:"BackgroundURL"`
	IsUnlimitedRoomEnabled bool       `json:"IsUnlimitedRoomEnabled"`
}

// Statistic is what a room counted in its life.
type Statistic struct {
	TotalViewers           int64 `json:"TotalViewers"` // entries, each counted
	TotalGiftsSent         int64 `json:"TotalGiftsSent"`
	TotalGiftCoins         int64 `json:"TotalGiftCoins"`
	TotalUniqueGiftSenders int64 `json:"TotalUniqueGiftSenders"`
	TotalLikesReceived     int64 `json:"TotalLikesReceived"`
}

// UpdateRoomInfo is the body of Live.CallbackAfterUpdateRoomInfo: the information of a room was changed, by a client or
// by REST. Spec: callbacks, section 6.3.
type UpdateRoomInfo struct {
	CallbackCommand Command     `json:"CallbackCommand"`
	OperatorAccount Account     `json:"Operator_Account"`
	RoomInfo        UpdatedRoom `json:"RoomInfo"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
}

// UpdatedRoom is the RoomInfo of UpdateRoomInfo. It is not documented whether a sender includes unchanged fields, so a
// zero value may also mean that the field was left out.
type UpdatedRoom struct {
	RoomID            string     `json:"RoomId"`
	RoomName          string     `json:"RoomName"`
	MaxMemberCount    int64      `json:"MaxMemberCount"`
	IsMessageDisabled bool       `json:"IsMessageDisabled"`
	CoverURL          string     `json:"CoverURL"`
	Category          Categories `json:"Category"`
	ActivityStatus    int64      `json:"ActivityStatus"` // of the App
	IsPublicVisible   bool       `json:"IsPublicVisible"`
	TakeSeatMode      string     `json:"TakeSeatMode"` // "None", "FreeToTake" or "ApplyToTake"
	CustomInfo        string     `json:"CustomInfo"`   // of the App
}
