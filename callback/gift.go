package callback

// BeforeSendGift is the body of Live.CallbackBeforeSendGift, a question: may this gift be sent? The sender waits for the
// answer, 2 s at most, and does not send the gift when there is none, unless the callback's commands have
// Live.CallbackBeforeCallBackNotBlock. Spec: callbacks, sections 6.13 and 6.14.
type BeforeSendGift struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// OperatorAccount is who sends it: the giver, or the App administrator of a REST call.
	OperatorAccount Account `json:"Operator_Account"`
	// RoomID names the room.
	RoomID    string    `json:"RoomId"`
	GiftWater GiftWater `json:"GiftWater"`
}

// GiftWater is a gift on its way.
type GiftWater struct {
	FromAccount Account  `json:"From_Account"`
	ToAccounts  Accounts `json:"To_Account"`
	// Time is in seconds.
	Time   Seconds `json:"Time"`
	GiftID string  `json:"GiftId"`
	Count  int64   `json:"Count"`
	// Coins is the value of a single gift.
	Coins int64 `json:"Coins"`
}
