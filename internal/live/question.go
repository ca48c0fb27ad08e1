package live

import "time"

// Asked is a command about which the App backend may be asked before it is done: package question does that, for an App that
// has subscribed to the topic. A command of a gift implements it with [TopicGift], a [GiftQuestion] and [Ruling.Gift]:
//
//	func (c SendGift) Topic() Topic { return TopicGift }
//	func (c SendGift) Question(s State, by Actor, now time.Time) Question { ... } // Coins as the state has them
//	func (c SendGift) Ruled(r Ruling) (RoomCommand, error) { return c, r.Gift() }
//
// One that has to hold what was allowed against the state on which it is done, such as the price of a gift, keeps
// Ruling.Question in a field with the tag json:"-", so that an idempotency key does not see it, and compares in Apply.
type Asked interface {
	RoomCommand
	// Topic is what it is about.
	Topic() Topic
	// Question is what is asked, on a state on which Apply said yes.
	Question(s State, by Actor, now time.Time) Question
	// Ruled returns the command as the App backend will have it; the error, an *Error, is its refusal.
	Ruled(r Ruling) (RoomCommand, error)
}

// Topic is what App backends are asked about.
type Topic int

// The two documented topics. Spec: callbacks 6.13 and 6.17.
const (
	TopicMessage Topic = iota + 1
	TopicGift
)

// Question is the closed set of what an App backend is asked.
type Question interface{ question() }

// MessageQuestion asks whether a message may be sent. Spec: callbacks 6.17.
type MessageQuestion struct {
	Room RoomID
	Message
	// Time is when it is asked, in Unix milliseconds.
	Time int64
}

// GiftQuestion asks whether a gift may be sent. Spec: callbacks 6.13.
type GiftQuestion struct {
	Room RoomID
	GiftWater
}

func (MessageQuestion) question() {}
func (GiftQuestion) question()    {}

// Ruling is what the App backend answered to a question.
type Ruling struct {
	// Question is what was asked.
	Question Question
	// Answered is false when there was no valid answer in time.
	Answered bool
	// Code is the ErrorCode, Info the ErrorInfo of the answer.
	Code int64
	Info string
	// Open tells that the App wants gifts to be sent when there was no valid answer. Spec: callbacks 6.14.
	Open bool
	// Body and CloudCustomData replace those of a message, unless they are nil. The first holds [CheckMessageBody].
	Body            []MessageElement
	CloudCustomData *string
}

// Codes that an App backend may answer for the caller to see, the first and the last. Spec: callbacks 6.13 and 6.17.
const (
	FirstMessageCode = 10100
	LastMessageCode  = 10200
	FirstGiftCode    = 102100
	LastGiftCode     = 102200
)

// Codes of the answer to a [MessageQuestion]. Spec: callbacks 6.17.
const (
	refuseMessage = 1
	dropMessage   = 2
)

// MessageRuling is what becomes of a message.
type MessageRuling struct {
	// Drop: the sender is told that it was sent, and it is not.
	Drop            bool
	Body            []MessageElement
	CloudCustomData *string
}

func (r *MessageRuling) over(m Message) Message {
	if r.Body != nil {
		m.Body = r.Body
	}
	if r.CloudCustomData != nil {
		m.CloudCustomData = *r.CloudCustomData
	}
	return m
}

// Message returns what becomes of a message: nil when it is sent as it is, also when nobody answered, or with a code that is
// not documented. Spec: callbacks 6.17; an absent answer lets a message pass.
func (r Ruling) Message() (*MessageRuling, error) {
	switch {
	case !r.Answered:
		return nil, nil
	case r.Code == 0:
		return &MessageRuling{Body: r.Body, CloudCustomData: r.CloudCustomData}, nil
	case r.Code == refuseMessage:
		return nil, r.refusal(MessageRefused, 0, "the App backend refused the message")
	case r.Code == dropMessage:
		return &MessageRuling{Drop: true}, nil
	case r.Code >= FirstMessageCode && r.Code <= LastMessageCode:
		return nil, r.refusal(MessageRefused, r.Code, "the App backend refused the message")
	}
	return nil, nil
}

// Gift returns nil when a gift may be sent. Spec: callbacks 6.13; without a valid answer it may not, unless the App wants so.
func (r Ruling) Gift() error {
	switch {
	case !r.Answered && r.Open, r.Answered && r.Code == 0:
		return nil
	case !r.Answered:
		return Refuse(GiftRefused, "the App backend was asked about the gift and gave no valid answer in time; nothing was sent, try again")
	case r.Code >= FirstGiftCode && r.Code <= LastGiftCode:
		return r.refusal(GiftRefused, r.Code, "the App backend refused the gift")
	}
	return r.refusal(GiftRefused, 0, "the App backend refused the gift")
}

func (r Ruling) refusal(kind Kind, code int64, standard string) error {
	info := r.Info
	if info == "" {
		info = standard
	}
	return &Error{Kind: kind, Code: int(code), Info: info}
}
