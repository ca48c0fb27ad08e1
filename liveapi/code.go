package liveapi

import "fmt"

// Code is an ErrorCode of the REST API. Spec: REST 1.6 and 1.7; 70009, 70014 and 70020: accounts and clients, 1.
type Code int

// CodeOK is success.
const CodeOK Code = 0

// Codes of the platform: the request did not reach the service.
const (
	CodeBadRequest        Code = 60002 // the HTTP request could not be parsed
	CodeBadJSON           Code = 60003 // the body is not one JSON object
	CodeSDKAppIDInvalid   Code = 60006 // the sdkappid is not the number of an App
	CodeCallTooFrequent   Code = 60007 // the App makes the call more often than is documented for it
	CodeNoSuchCommand     Code = 60009 // the path names nothing
	CodeNotAdministrator  Code = 60010 // the identifier is no App administrator
	CodeSDKAppIDMissing   Code = 60012 // the query has no sdkappid
	CodeWrongAccountType  Code = 60015 // an account in the body is not a string
	CodeUserSigExpired    Code = 70001
	CodeUserSigInvalid    Code = 70003 // it cannot be decoded
	CodeUserSigWrongKey   Code = 70009 // signed with another key
	CodeUserSigIdentifier Code = 70013 // made for another identifier
	CodeUserSigSDKAppID   Code = 70014 // made for another SDKAppID
	CodeSDKAppIDUnknown   Code = 70020 // no such App
	// CodeInternal: nothing was done, or it is not known whether the change was stored; Info says which. Read the state
	// before trying again.
	CodeInternal              Code = 100001
	CodeInvalidParameter      Code = 100002
	CodeRoomTaken             Code = 100003 // the RoomId exists with another owner
	CodeRoomNotFound          Code = 100004
	CodeRoomExists            Code = 100010 // the RoomId exists with the same owner
	CodeTooManyAdministrators Code = 100020
	CodeCallbackExists        Code = 100300
	CodeCallbackNotFound      Code = 100301
	CodeCallbackTokenNotFound Code = 100302
	CodeNotMember             Code = 100005 // somebody who is named is not in the room
	CodeNoPermission          Code = 100006 // who asks may not do that, or the room is not one where it can be done
	CodeRoomFull              Code = 100008 // the room has as many members as it may have
	CodeTooFrequent           Code = 100012 // as CodeCallTooFrequent, where the call has a code of its own for that
	CodeTooManyRooms          Code = 100013 // the App has as many rooms as it may have
	CodeMemberBanned          Code = 100016 // who wants to enter is banned from the room
	CodeMemberMuted           Code = 100017 // who speaks may not, alone or with all of the room
	CodeSeatLocked            Code = 100200 // the seat is locked
	CodeSeatTaken             Code = 100201 // somebody else sits there
	CodeAlreadySeated         Code = 100203 // who is named sits already
	CodeAllSeatsTaken         Code = 100205 // there is no free seat
	CodeNotSeated             Code = 100206 // who is named has no seat
	CodeRoomWithoutSeats      Code = 100211 // the room has no seats
	CodeBattleNotFound        Code = 100411 // there is no such battle
	CodeNobodyToBattle        Code = 100412 // none of the rooms can be battled with
	CodeRoomInBattle          Code = 100415 // the room is in another battle
	CodeBattleOver            Code = 100421 // the battle is over
	CodeTooManyKeys           Code = 100500 // the room would have more metadata keys than it may have
	CodeValueTooLong          Code = 100501 // a metadata value is too long
	CodeMetadataTooLarge      Code = 100502 // the metadata values of the room are too long together
	CodeKeysNotFound          Code = 100503 // none of the metadata keys is there
	CodeKeyTooLong            Code = 100504 // a metadata key is too long
	CodeGiftNotFound          Code = 102002 // there is no such gift
	CodeGiftRefused           Code = 102004 // the App backend did not allow the gift, or was not there to ask
	CodeMessageRefused        Code = 10016  // the App backend did not allow the message
)

// Chosen reports whether the App backend may have chosen the code, when it was asked about a message (10100 to 10200) or a gift
// (102100 to 102200). The Info is the App backend's, too. Spec: callbacks 6.13 and 6.17.
func (c Code) Chosen() bool { return c >= 10100 && c <= 10200 || c >= 102100 && c <= 102200 }

// Codes lists the codes that the server answers with, without [CodeOK] and those that an App backend chooses, see [Code.Chosen].
func Codes() []Code {
	return []Code{
		CodeBadRequest, CodeBadJSON, CodeSDKAppIDInvalid, CodeCallTooFrequent, CodeNoSuchCommand, CodeNotAdministrator, CodeSDKAppIDMissing, CodeWrongAccountType,
		CodeUserSigExpired, CodeUserSigInvalid, CodeUserSigWrongKey, CodeUserSigIdentifier, CodeUserSigSDKAppID,
		CodeSDKAppIDUnknown, CodeInternal, CodeInvalidParameter, CodeRoomTaken, CodeRoomNotFound, CodeRoomExists,
		CodeTooManyAdministrators, CodeCallbackExists, CodeCallbackNotFound, CodeCallbackTokenNotFound,
		CodeNotMember, CodeNoPermission, CodeRoomFull, CodeTooFrequent, CodeTooManyRooms, CodeMemberBanned, CodeMemberMuted, CodeSeatLocked, CodeSeatTaken, CodeAlreadySeated, CodeAllSeatsTaken, CodeNotSeated, CodeRoomWithoutSeats, CodeBattleNotFound, CodeNobodyToBattle, CodeRoomInBattle, CodeBattleOver, CodeTooManyKeys, CodeValueTooLong, CodeMetadataTooLarge, CodeKeysNotFound, CodeKeyTooLong, CodeGiftNotFound, CodeGiftRefused,
		CodeMessageRefused,
	}
}

// Error is an answer of the REST API that is not OK.
type Error struct {
	Code Code
	// Info is the ErrorInfo: what was wrong, in words.
	Info string
	// RequestID names the call in the server's log.
	RequestID string
}

func (e *Error) Error() string { return fmt.Sprintf("%d: %s", int(e.Code), e.Info) }
