package rest

import (
	"context"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// Spec: REST 6.3. Count stands in every sample and is missing in the table.
func sendGiftFields(c *live.SendGift) []field {
	c.Count = 1
	return []field{
		roomID(&c.Room),
		giftID(&c.Gift),
		integer("Count", 1, live.MaxGiftCount, &c.Count),
		account("From_Account", &c.From).must(),
		accounts("ReceiverList_Account", live.MaxGiftReceivers, &c.Receivers).must(),
	}
}

// giftCount asks what an account was given. Spec: REST 6.4.
type giftCount struct {
	room     live.RoomID
	receiver live.Account
}

func giftCountFields(q *giftCount) []field {
	return []field{roomID(&q.room), account("From_Account", &q.receiver).must()}
}

func getGiftCount(ctx context.Context, h *Handler, r *request, q giftCount) (any, error) {
	if err := q.receiver.Check("From_Account"); err != nil {
		return nil, err
	}
	got, err := partOf[*live.Received](ctx, h, r, q.room, live.ReceivedOf(q.room, q.receiver))
	if err != nil {
		return nil, err
	}
	if got == nil {
		got = &live.Received{}
	}
	return liveapi.GiftCount{
		Sequence: got.Times, TotalCount: got.Gifts, TotalCoins: got.Coins, GiftSenderCount: got.Senders,
	}, nil
}
