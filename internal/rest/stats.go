package rest

import (
	"context"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// getRoomStats answers get_room_stats, and get_room_statistic of the vendor's console. Spec: REST 2.11.
func getRoomStats(ctx context.Context, h *Handler, r *request, id live.RoomID) (any, error) {
	t, err := partOf[*live.Tally](ctx, h, r, id, live.TallyOf(id))
	if err != nil {
		return nil, err
	}
	if t == nil {
		t = &live.Tally{}
	}
	return liveapi.RoomStats{
		TotalViewers:           t.Views,
		TotalGiftsSent:         t.GiftsSent,
		TotalGiftCoins:         t.GiftCoins,
		TotalUniqueGiftSenders: t.GiftSenders,
		TotalLikesReceived:     t.Likes,
		TotalMsgCount:          t.Messages,
	}, nil
}
