package liveapi

import "context"

// GetRoomInfoRequest is the body of get_room_info. Spec: REST 2.4.
type GetRoomInfoRequest struct {
	RoomID string `json:"RoomId"`
}

// GetRoomInfoResponse is the payload of get_room_info. Spec: REST 2.4.
type GetRoomInfoResponse struct {
	RoomInfo RoomInfo `json:"RoomInfo"`
}

// RoomInfo is what get_room_info returns: the documented keys, then those that the vendor's console expects beside
// them. Spec: REST 2.4.
type RoomInfo struct {
	RoomID       string `json:"RoomId"`
	RoomName     string `json:"RoomName"`
	RoomType     string `json:"RoomType"` // "Live"
	OwnerAccount string `json:"Owner_Account"`
	// CreateTime is in Unix seconds.
	CreateTime    int64 `json:"CreateTime"`
	IsSeatEnabled bool  `json:"IsSeatEnabled"`
	// TakeSeatMode is FreeToTake, ApplyToTake, or None for a room without seats.
	TakeSeatMode      string `json:"TakeSeatMode"`
	MaxSeatCount      int64  `json:"MaxSeatCount"`
	MaxMemberCount    int64  `json:"MaxMemberCount"`
	IsMessageDisabled bool   `json:"IsMessageDisabled"`
	CoverURL          string `json:"CoverURL"`
	// Category is empty, never null, when there is none.
	Category       []int64 `json:"Category"`
	ActivityStatus int64   `json:"ActivityStatus"`
	// ViewCount counts entries; a user who enters twice counts twice.
	ViewCount       int64  `json:"ViewCount"`
	IsPublicVisible bool   `json:"IsPublicVisible"`
	Notice          string `json:"Notice"`

	// MemberCount and OnlineCount are how many are there now; Popularity is the ViewCount.
	MemberCount            int64  `json:"MemberCount"`
	OnlineCount            int64  `json:"OnlineCount"`
	Popularity             int64  `json:"Popularity"`
	IsUnlimitedRoomEnabled bool   `json:"IsUnlimitedRoomEnabled"`
	SeatLayoutTemplateID   int64  `json:"SeatLayoutTemplateId"`
	SeatTemplate           string `json:"SeatTemplate"`
	IsGiftEnabled          bool   `json:"IsGiftEnabled"`
	IsLikeEnabled          bool   `json:"IsLikeEnabled"`
	BackgroundURL          string `json:"BackgroundURL"`
	// The lifetimes are those of automatic dissolution in seconds, a unit that is not documented; 0 means never.
	LifetimeAfterNoUsers      int64  `json:"LifetimeAfterNoUsers"`
	LifetimeAfterOwnerLeave   int64  `json:"LifetimeAfterOwnerLeave"`
	LifetimeAfterOwnerOffline int64  `json:"LifetimeAfterOwnerOffline"`
	KeepOwnerOnSeat           bool   `json:"KeepOwnerOnSeat"`
	IsAudioDisabled           bool   `json:"IsAudioDisabled"`
	IsVideoDisabled           bool   `json:"IsVideoDisabled"`
	IsScreenSharingDisabled   bool   `json:"IsScreenSharingDisabled"`
	CustomInfo                string `json:"CustomInfo"`
}

// GetRoomInfo returns a room; [CodeRoomNotFound] when there is none.
func (c *Client) GetRoomInfo(ctx context.Context, roomID string) (RoomInfo, error) {
	var answer GetRoomInfoResponse
	err := c.call(ctx, ServiceLive, "get_room_info", GetRoomInfoRequest{RoomID: roomID}, &answer)
	return answer.RoomInfo, err
}
