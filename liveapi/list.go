package liveapi

import "context"

// MaxRoomCount is the largest Count of get_room_list, and its default. Spec: REST 2.5.
const MaxRoomCount = 20

// The values of SortDirection.
const (
	Descend = "descend"
	Ascend  = "ascend"
)

// GetRoomListRequest is the body of get_room_list. Spec: REST 2.5.
type GetRoomListRequest struct {
	// Next is "" for the first page, then the Next of the answer before.
	Next string `json:"Next"`
	// Count is the most rooms of the page, 1 to MaxRoomCount; 0 is not sent and means MaxRoomCount.
	Count int64 `json:"Count,omitempty"`
	// SortDirection is Descend, also when empty, or Ascend.
	SortDirection string `json:"SortDirection,omitempty"`
}

// GetRoomListResponse is the payload of get_room_list. Spec: REST 2.5.
type GetRoomListResponse struct {
	// Next asks for the page after this one; "" on the last page. It can be used more than once.
	Next string `json:"Next"`
	// RoomList is empty, never null, when there is no room.
	RoomList []ListedRoom `json:"RoomList"`
}

// ListedRoom is a room of a list: the documented keys, then those that the vendor's console reads beside them.
type ListedRoom struct {
	RoomID       string  `json:"RoomId"`
	RoomName     string  `json:"RoomName"`
	OwnerAccount string  `json:"Owner_Account"`
	CoverURL     string  `json:"CoverURL"`
	Category     []int64 `json:"Category"`
	// CreateTime is in Unix seconds.
	CreateTime     int64 `json:"CreateTime"`
	ActivityStatus int64 `json:"ActivityStatus"`
	ViewCount      int64 `json:"ViewCount"`

	OwnerName              string `json:"OwnerName"`
	OwnerAvatarURL         string `json:"OwnerAvatarUrl"`
	MemberCount            int64  `json:"MemberCount"`
	OnlineCount            int64  `json:"OnlineCount"`
	Popularity             int64  `json:"Popularity"`
	IsUnlimitedRoomEnabled bool   `json:"IsUnlimitedRoomEnabled"`
	SeatLayoutTemplateID   int64  `json:"SeatLayoutTemplateId"`
}

// GetRoomList returns a page of the public rooms.
func (c *Client) GetRoomList(ctx context.Context, request GetRoomListRequest) (GetRoomListResponse, error) {
	var answer GetRoomListResponse
	err := c.call(ctx, ServiceLive, "get_room_list", request, &answer)
	return answer, err
}
