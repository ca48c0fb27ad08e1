package liveapi

import "context"

// GetRoomStatsRequest is the body of get_room_stats, and of get_room_statistic. Spec: REST 2.11.
type GetRoomStatsRequest struct {
	RoomID string `json:"RoomId"`
}

// RoomStats is the payload of get_room_stats, and of get_room_statistic, which is the name that the vendor's console uses: what a room
// counted in its life so far. Spec: REST 2.11.
type RoomStats struct {
	// TotalViewers are entries; a user who enters twice counts twice.
	TotalViewers int64 `json:"TotalViewers"`
	// TotalGiftsSent counts each gift of each receiver.
	TotalGiftsSent int64 `json:"TotalGiftsSent"`
	// TotalGiftCoins is what they cost.
	TotalGiftCoins int64 `json:"TotalGiftCoins"`
	// TotalUniqueGiftSenders are different accounts.
	TotalUniqueGiftSenders int64 `json:"TotalUniqueGiftSenders"`
	TotalLikesReceived     int64 `json:"TotalLikesReceived"`
	TotalMsgCount          int64 `json:"TotalMsgCount"`
}

// GetRoomStats returns the statistics of a running room; those of one that is over are in the answer of [Client.DestroyRoom].
func (c *Client) GetRoomStats(ctx context.Context, roomID string) (RoomStats, error) {
	var answer RoomStats
	err := c.call(ctx, ServiceLive, "get_room_stats", GetRoomStatsRequest{RoomID: roomID}, &answer)
	return answer, err
}
