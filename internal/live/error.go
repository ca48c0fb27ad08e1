package live

import "fmt"

// Kind says why a request was refused. The set is closed: package wire maps each kind to exactly one documented
// code, in both directions.
type Kind int

// Kinds of the business rules.
const (
	// Unavailable: the store is away, full or overloaded. Either nothing was done, or it is not known whether the change
	// was stored; Info says which, and there is one documented code for both.
	Unavailable Kind = iota + 1
	// InvalidParameter: a field is missing, has the wrong form or is over its limit; Info names field and limit.
	InvalidParameter
	// RoomTaken: the RoomId belongs to a room of another owner.
	RoomTaken
	// RoomNotFound: the room was never created or is gone.
	RoomNotFound
	// RoomExists: the RoomId belongs to a room of the same owner, usable as it is.
	RoomExists
	// TooManyAdministrators: the room would have more than MaxAdministrators.
	TooManyAdministrators
	// CallbackExists: a callback is configured already; update it instead.
	CallbackExists
	// CallbackNotFound: no callback is configured; set it first.
	CallbackNotFound
	// TokenNotFound: no callback token is configured; set it first.
	TokenNotFound
	// NotMember: somebody who is named is not in the room.
	NotMember
	// NoPermission: who asks may not do that, or the room is not one where it can be done.
	NoPermission
	// RoomFull: the room has as many members as it may have.
	RoomFull
	// TooFrequent: the call is made more often than is documented for it, and it has a code of its own for that.
	TooFrequent
	// TooManyRooms: the App has as many rooms as it may have.
	TooManyRooms
	// MemberBanned: who wants to enter is banned from the room.
	MemberBanned
	// MemberMuted: who speaks may not, alone or with all of the room.
	MemberMuted
	// SeatLocked: the seat is locked.
	SeatLocked
	// SeatTaken: somebody else sits there.
	SeatTaken
	// AlreadySeated: who is named sits already.
	AlreadySeated
	// AllSeatsTaken: there is no free seat.
	AllSeatsTaken
	// NotSeated: who is named has no seat.
	NotSeated
	// RoomWithoutSeats: the room has no seats.
	RoomWithoutSeats
	// BattleNotFound: there is no such battle.
	BattleNotFound
	// NobodyToBattle: none of the rooms can be battled with.
	NobodyToBattle
	// RoomInBattle: the room is in another battle.
	RoomInBattle
	// BattleOver: the battle is over.
	BattleOver
	// TooManyKeys: the room would have more metadata keys than it may have.
	TooManyKeys
	// ValueTooLong: a metadata value is too long.
	ValueTooLong
	// MetadataTooLarge: the metadata values of the room are too long together.
	MetadataTooLarge
	// KeysNotFound: none of the metadata keys is there.
	KeysNotFound
	// KeyTooLong: a metadata key is too long.
	KeyTooLong
	// GiftNotFound: there is no such gift.
	GiftNotFound
	// GiftRefused: the App backend did not allow the gift, or was not there to ask.
	GiftRefused
	// MessageRefused: the App backend did not allow the message.
	MessageRefused
)

// Kinds of the edges: the request could not be taken as a request of a known App administrator.
const (
	// BadRequest: the HTTP request is not one that the API takes.
	BadRequest Kind = iota + 101
	// BadJSON: the body is not one JSON object.
	BadJSON
	// WrongType: an account in the body is not a string.
	WrongType
	// NoSuchCommand: the path names nothing.
	NoSuchCommand
	// NotAdministrator: the identifier is no App administrator.
	NotAdministrator
	// SDKAppIDMissing: the query has no sdkappid.
	SDKAppIDMissing
	// SDKAppIDInvalid: the sdkappid of the query is not a number of an App.
	SDKAppIDInvalid
	// SDKAppIDUnknown: no such App here.
	SDKAppIDUnknown
	// UserSigExpired: the UserSig was valid once.
	UserSigExpired
	// UserSigMalformed: the UserSig cannot be decoded.
	UserSigMalformed
	// UserSigWrongKey: the UserSig was signed with another key.
	UserSigWrongKey
	// UserSigOtherIdentifier: the UserSig was made for another identifier.
	UserSigOtherIdentifier
	// UserSigOtherApp: the UserSig was made for another SDKAppID.
	UserSigOtherApp
	// CallTooFrequent: the App makes the call more often than is documented for it.
	CallTooFrequent
)

// Error is a refusal: nothing changed, unless it is [Unavailable] and its Info says that this is not known.
type Error struct {
	Kind Kind
	// Code is the one that the App backend chose, for [GiftRefused] and [MessageRefused] only; 0: that of the kind.
	Code int
	// Info tells the caller what to do next: which field, which value, which limit. It is sent as ErrorInfo.
	Info string
}

func (e *Error) Error() string { return e.Info }

// Refuse returns an [Error] of the kind with a formatted text.
func Refuse(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Info: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error { return Refuse(InvalidParameter, format, args...) }
