package liveapi

import "context"

// SendGiftRequest is the body of send_gift. Spec: REST 6.3.
type SendGiftRequest struct {
	RoomID string `json:"RoomId"`
	GiftID string `json:"GiftId"`
	// Count is how many each receiver gets, 1 to 1,000,000; 0 is not sent and means 1.
	Count       int64  `json:"Count,omitempty"`
	FromAccount string `json:"From_Account"`
	// ReceiverAccounts are 1 to 50 accounts. Repeated ones count once.
	ReceiverAccounts []string `json:"ReceiverList_Account"`
}

// SendGift gives something to accounts, none of whom need be in the room. [CodeGiftNotFound] when there is no such gift,
// [CodeGiftRefused] when the App backend is asked before and does not allow it.
func (c *Client) SendGift(ctx context.Context, request SendGiftRequest) error {
	return c.call(ctx, ServiceLive, "send_gift", request, nil)
}

// GetGiftCountRequest is the body of get_gift_count. Spec: REST 6.4.
type GetGiftCountRequest struct {
	RoomID string `json:"RoomId"`
	// FromAccount is the receiver, as the newest page has it.
	FromAccount string `json:"From_Account"`
}

// GiftCount is the payload of get_gift_count: what one account was given in a room. Spec: REST 6.4.
type GiftCount struct {
	// Sequence grows with each call that gave the account something. Its meaning is not documented.
	Sequence   int64 `json:"Sequence"`
	TotalCount int64 `json:"TotalCount"`
	TotalCoins int64 `json:"TotalCoins"`
	// GiftSenderCount are different accounts.
	GiftSenderCount int64 `json:"GiftSenderCount"`
}

// GetGiftCount returns what an account was given in a room, all 0 when nothing was.
func (c *Client) GetGiftCount(ctx context.Context, roomID, receiver string) (GiftCount, error) {
	var answer GiftCount
	err := c.call(ctx, ServiceLive, "get_gift_count", GetGiftCountRequest{RoomID: roomID, FromAccount: receiver}, &answer)
	return answer, err
}
