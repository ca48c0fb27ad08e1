package callback

import (
	"testing"
)

func TestKnownCommandKnowsTheLiveListAndNothingElse(t *testing.T) {
	for word, want := range map[string]bool{
		"Live.CallbackAfterModifyAdmin":       true,
		"Live.CallbackBeforeCallBackNotBlock": true,
		"Mic.CallbackAfterSeatInfoChanged":    true,
		"Group.CallbackBeforeSendMsg":         true,
		"Follow.CallbackAfterFollowDelete":    true,
		"Live.CallbackMemberStateChanged":     false, // a misprint, accepted from a sender only
		"live.callbackaftermodifyadmin":       false,
		"Room.CallbackAfterCreateRoom":        false,
		"Call.CallbackAfterEndCall":           false,
		"":                                    false,
	} {
		if got := KnownCommand(word); got != want {
			t.Errorf("KnownCommand(%q) = %t, want %t", word, got, want)
		}
	}
	if got, want := len(known), 20; got != want {
		t.Errorf("known commands = %d, want %d", got, want)
	}
}
