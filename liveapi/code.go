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
)

// Codes lists the codes that the server answers with, without [CodeOK].
func Codes() []Code {
	return []Code{
		CodeBadRequest, CodeBadJSON, CodeSDKAppIDInvalid, CodeNoSuchCommand, CodeNotAdministrator, CodeSDKAppIDMissing, CodeWrongAccountType,
		CodeUserSigExpired, CodeUserSigInvalid, CodeUserSigWrongKey, CodeUserSigIdentifier, CodeUserSigSDKAppID,
		CodeSDKAppIDUnknown, CodeInternal, CodeInvalidParameter, CodeRoomTaken, CodeRoomNotFound, CodeRoomExists,
		CodeTooManyAdministrators, CodeCallbackExists, CodeCallbackNotFound, CodeCallbackTokenNotFound,
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
