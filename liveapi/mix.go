package liveapi

import "context"

// The values of LayoutMode. Spec: REST 2.9.
const (
	LayoutGrid   = 0 // nine pictures in a grid
	LayoutCustom = 1000
)

// SetMixStreamRequest is the body of set_mix_stream. Spec: REST 2.9.
type SetMixStreamRequest struct {
	RoomID string `json:"RoomId"`
	// LayoutMode is LayoutGrid or LayoutCustom.
	LayoutMode int64 `json:"LayoutMode"`
	// VideoEncode is the size of the mixed picture, nil for that of the server's choice.
	VideoEncode *VideoEncode `json:"VideoEncode,omitempty"`
	// LayoutInfo is needed with LayoutCustom, and passed over otherwise.
	LayoutInfo *LayoutInfo `json:"LayoutInfo,omitempty"`
}

// VideoEncode is a size in pixels, at most 8,192 each.
type VideoEncode struct {
	Width  int64 `json:"Width,omitempty"`
	Height int64 `json:"Height,omitempty"`
}

// LayoutInfo has the pictures of a custom layout.
type LayoutInfo struct {
	// LayoutList has 1 to 16 pictures.
	LayoutList []Layout `json:"LayoutList"`
}

// Layout is the place of one picture, in pixels. Width and height 0: sound only.
type Layout struct {
	LocationX   int64 `json:"LocationX"`
	LocationY   int64 `json:"LocationY"`
	ImageWidth  int64 `json:"ImageWidth"`
	ImageHeight int64 `json:"ImageHeight"`
	// RoomID is that of the account; empty: the room that is mixed.
	RoomID        string `json:"RoomId,omitempty"`
	MemberAccount string `json:"Member_Account"`
	StreamType    int64  `json:"StreamType"` // 0: the camera
	ZOrder        int64  `json:"ZOrder"`     // 0 to 100
}

// SetMixStream sets the layout of a room's mixed stream. [CodeNoPermission] when the room is not one of IsUnlimitedRoomEnabled, or has no
// seats. Callboard has no media: it checks and keeps the layout.
func (c *Client) SetMixStream(ctx context.Context, request SetMixStreamRequest) error {
	return c.call(ctx, ServiceLive, "set_mix_stream", request, nil)
}

// ResumeMCUTaskRequest is the body of resume_mcu_task. Spec: REST 2.10.
type ResumeMCUTaskRequest struct {
	RoomID string `json:"RoomId"`
}

// ResumeMCUTask returns to the automatic layout; refused as [Client.SetMixStream] is.
func (c *Client) ResumeMCUTask(ctx context.Context, roomID string) error {
	return c.call(ctx, ServiceLive, "resume_mcu_task", ResumeMCUTaskRequest{RoomID: roomID}, nil)
}
