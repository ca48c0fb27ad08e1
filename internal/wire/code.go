package wire

import (
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// codes is the one table between kinds of refusal and documented codes, each exactly once.
var codes = map[live.Kind]liveapi.Code{
	live.Unavailable:            liveapi.CodeInternal,
	live.InvalidParameter:       liveapi.CodeInvalidParameter,
	live.RoomTaken:              liveapi.CodeRoomTaken,
	live.RoomNotFound:           liveapi.CodeRoomNotFound,
	live.RoomExists:             liveapi.CodeRoomExists,
	live.TooManyAdministrators:  liveapi.CodeTooManyAdministrators,
	live.CallbackExists:         liveapi.CodeCallbackExists,
	live.CallbackNotFound:       liveapi.CodeCallbackNotFound,
	live.TokenNotFound:          liveapi.CodeCallbackTokenNotFound,
	live.NotMember:              liveapi.CodeNotMember,
	live.NoPermission:           liveapi.CodeNoPermission,
	live.RoomFull:               liveapi.CodeRoomFull,
	live.TooFrequent:            liveapi.CodeTooFrequent,
	live.TooManyRooms:           liveapi.CodeTooManyRooms,
	live.MemberBanned:           liveapi.CodeMemberBanned,
	live.MemberMuted:            liveapi.CodeMemberMuted,
	live.SeatLocked:             liveapi.CodeSeatLocked,
	live.SeatTaken:              liveapi.CodeSeatTaken,
	live.AlreadySeated:          liveapi.CodeAlreadySeated,
	live.AllSeatsTaken:          liveapi.CodeAllSeatsTaken,
	live.NotSeated:              liveapi.CodeNotSeated,
	live.RoomWithoutSeats:       liveapi.CodeRoomWithoutSeats,
	live.BattleNotFound:         liveapi.CodeBattleNotFound,
	live.NobodyToBattle:         liveapi.CodeNobodyToBattle,
	live.RoomInBattle:           liveapi.CodeRoomInBattle,
	live.BattleOver:             liveapi.CodeBattleOver,
	live.TooManyKeys:            liveapi.CodeTooManyKeys,
	live.ValueTooLong:           liveapi.CodeValueTooLong,
	live.MetadataTooLarge:       liveapi.CodeMetadataTooLarge,
	live.KeysNotFound:           liveapi.CodeKeysNotFound,
	live.KeyTooLong:             liveapi.CodeKeyTooLong,
	live.GiftNotFound:           liveapi.CodeGiftNotFound,
	live.GiftRefused:            liveapi.CodeGiftRefused,
	live.MessageRefused:         liveapi.CodeMessageRefused,
	live.BadRequest:             liveapi.CodeBadRequest,
	live.BadJSON:                liveapi.CodeBadJSON,
	live.WrongType:              liveapi.CodeWrongAccountType,
	live.NoSuchCommand:          liveapi.CodeNoSuchCommand,
	live.NotAdministrator:       liveapi.CodeNotAdministrator,
	live.SDKAppIDMissing:        liveapi.CodeSDKAppIDMissing,
	live.SDKAppIDInvalid:        liveapi.CodeSDKAppIDInvalid,
	live.SDKAppIDUnknown:        liveapi.CodeSDKAppIDUnknown,
	live.UserSigExpired:         liveapi.CodeUserSigExpired,
	live.UserSigMalformed:       liveapi.CodeUserSigInvalid,
	live.UserSigWrongKey:        liveapi.CodeUserSigWrongKey,
	live.UserSigOtherIdentifier: liveapi.CodeUserSigIdentifier,
	live.UserSigOtherApp:        liveapi.CodeUserSigSDKAppID,
	live.CallTooFrequent:        liveapi.CodeCallTooFrequent,
}

// Code returns the documented code of a kind.
func Code(k live.Kind) liveapi.Code {
	if c, ok := codes[k]; ok {
		return c
	}
	return liveapi.CodeInternal
}

// CodeOf returns the code of a refusal: that of its kind, or the one that the App backend chose, where it may choose one.
func CodeOf(e *live.Error) liveapi.Code {
	gift := e.Kind == live.GiftRefused && e.Code >= live.FirstGiftCode && e.Code <= live.LastGiftCode
	message := e.Kind == live.MessageRefused && e.Code >= live.FirstMessageCode && e.Code <= live.LastMessageCode
	if gift || message {
		return liveapi.Code(e.Code)
	}
	return Code(e.Kind)
}

// Kind returns the kind of a documented code.
func Kind(c liveapi.Code) (live.Kind, bool) {
	for k, code := range codes {
		if code == c {
			return k, true
		}
	}
	return 0, false
}
