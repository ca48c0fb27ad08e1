package liveapi

import "context"

// RoomType is the only value of a RoomType. Spec: REST 2.0.
const RoomType = "Live"

// NewRoom is the RoomInfo of create_room. Fields left at their zero value are not sent, so that the server's default
// counts. Lengths are in bytes of UTF-8. Spec: REST 2.0 and 2.1.
type NewRoom struct {
	// RoomID is needed: 1 to 48 letters, digits, '_' and '-'.
	RoomID string `json:"RoomId"`
	// RoomType is "Live"; Client.CreateRoom fills it in.
	RoomType string `json:"RoomType"`
	// RoomName has at most 100 bytes; without one the room is named by its RoomID.
	RoomName string `json:"RoomName,omitempty"`
	// OwnerAccount is the first owner; without one it is the App administrator who calls.
	OwnerAccount string `json:"Owner_Account,omitempty"`
	// SeatTemplate is for instance VideoDynamicGrid9Seats, AudioSalon or Karaoke.
	SeatTemplate         string `json:"SeatTemplate,omitempty"`
	SeatLayoutTemplateID int64  `json:"SeatLayoutTemplateId,omitempty"` // the older, numeric form of SeatTemplate; one of them is enough
	IsSeatEnabled        *bool  `json:"IsSeatEnabled,omitempty"`        // nil: there are seats when there is a template
	// TakeSeatMode is FreeToTake or ApplyToTake.
	TakeSeatMode      string `json:"TakeSeatMode,omitempty"`
	MaxSeatCount      int64  `json:"MaxSeatCount,omitempty"`
	MaxMemberCount    int64  `json:"MaxMemberCount,omitempty"`
	IsMessageDisabled bool   `json:"IsMessageDisabled,omitempty"`
	// IsPublicVisible decides whether get_room_list shows the room; nil: true.
	IsPublicVisible        *bool   `json:"IsPublicVisible,omitempty"`
	IsUnlimitedRoomEnabled bool    `json:"IsUnlimitedRoomEnabled,omitempty"`
	KeepOwnerOnSeat        bool    `json:"KeepOwnerOnSeat,omitempty"`
	CoverURL               string  `json:"CoverURL,omitempty"`      // at most 200 bytes
	BackgroundURL          string  `json:"BackgroundURL,omitempty"` // at most 200 bytes
	Category               []int64 `json:"Category,omitempty"`      // at most 3, meaning is the App's
	ActivityStatus         int64   `json:"ActivityStatus,omitempty"`
	Notice                 string  `json:"Notice,omitempty"`     // at most 100 bytes
	CustomInfo             string  `json:"CustomInfo,omitempty"` // at most 500 bytes
}

// CreateRoomRequest is the body of create_room. Spec: REST 2.1.
type CreateRoomRequest struct {
	RoomInfo NewRoom `json:"RoomInfo"`
}

// CreateRoomResponse is the payload of create_room. Spec: REST 2.1.
type CreateRoomResponse struct {
	RoomID string `json:"RoomId"`
}

// CreateRoom makes a room and returns its RoomId. An [*Error] of [CodeRoomExists] says that the owner has it already
// and can use it; [CodeRoomTaken] that it is somebody else's.
func (c *Client) CreateRoom(ctx context.Context, room NewRoom) (string, error) {
	if room.RoomType == "" {
		room.RoomType = RoomType
	}
	var answer CreateRoomResponse
	err := c.call(ctx, ServiceLive, "create_room", CreateRoomRequest{RoomInfo: room}, &answer)
	return answer.RoomID, err
}

// DestroyRoomRequest is the body of destroy_room. Spec: REST 2.2.
type DestroyRoomRequest struct {
	RoomID string `json:"RoomId"`
}

// DestroyRoomResponse is the payload of destroy_room. Spec: REST 2.2.
type DestroyRoomResponse struct {
	Statistic Statistic `json:"Statistic"`
}

// Statistic is what a room counted in its life. Spec: REST 2.2.
type Statistic struct {
	TotalViewers           int64 `json:"TotalViewers"` // entries; a user who enters twice counts twice
	TotalGiftsSent         int64 `json:"TotalGiftsSent"`
	TotalGiftCoins         int64 `json:"TotalGiftCoins"`
	TotalUniqueGiftSenders int64 `json:"TotalUniqueGiftSenders"`
	TotalLikesReceived     int64 `json:"TotalLikesReceived"`
}

// DestroyRoom ends a room and returns what it counted.
func (c *Client) DestroyRoom(ctx context.Context, roomID string) (Statistic, error) {
	var answer DestroyRoomResponse
	err := c.call(ctx, ServiceLive, "destroy_room", DestroyRoomRequest{RoomID: roomID}, &answer)
	return answer.Statistic, err
}

// RoomUpdate is the RoomInfo of update_room_info: what is nil stays as it is. Limits are those of [NewRoom]; an empty
// RoomName becomes the RoomID.
// Spec: REST 2.3; the fields from IsUnlimitedRoomEnabled on are sent by the vendor's console or accepted here.
type RoomUpdate struct {
	RoomID            string  `json:"RoomId"`
	RoomName          *string `json:"RoomName,omitempty"`
	MaxMemberCount    *int64  `json:"MaxMemberCount,omitempty"`
	IsMessageDisabled *bool   `json:"IsMessageDisabled,omitempty"`
	CoverURL          *string `json:"CoverURL,omitempty"`
	// Category that is empty and not nil removes the tags.
	Category               []int64 `json:"Category,omitzero"`
	ActivityStatus         *int64  `json:"ActivityStatus,omitempty"`
	IsPublicVisible        *bool   `json:"IsPublicVisible,omitempty"`
	TakeSeatMode           *string `json:"TakeSeatMode,omitempty"`
	Notice                 *string `json:"Notice,omitempty"`
	IsUnlimitedRoomEnabled *bool   `json:"IsUnlimitedRoomEnabled,omitempty"`
	KeepOwnerOnSeat        *bool   `json:"KeepOwnerOnSeat,omitempty"`
	BackgroundURL          *string `json:"BackgroundURL,omitempty"`
	CustomInfo             *string `json:"CustomInfo,omitempty"`
}

// UpdateRoomInfoRequest is the body of update_room_info. Spec: REST 2.3.
type UpdateRoomInfoRequest struct {
	RoomInfo RoomUpdate `json:"RoomInfo"`
}

// UpdateRoomInfo changes the attributes that are given.
func (c *Client) UpdateRoomInfo(ctx context.Context, update RoomUpdate) error {
	return c.call(ctx, ServiceLive, "update_room_info", UpdateRoomInfoRequest{RoomInfo: update}, nil)
}
