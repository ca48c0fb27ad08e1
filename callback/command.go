package callback

// Command is a command word: the value of CallbackCommand in the URL and in the body of a callback.
type Command string

// The commands that have a packet type here. Spec: callbacks, sections 6.1, 6.2, 6.3, 6.7, 6.8 and 7.
const (
	CommandAfterCreateRoom         Command = "Live.CallbackAfterCreateRoom"
	CommandAfterDestroyRoom        Command = "Live.CallbackAfterDestroyRoom"
	CommandAfterUpdateRoomInfo     Command = "Live.CallbackAfterUpdateRoomInfo"
	CommandAfterChangeOwner        Command = "Live.CallbackAfterChangeOwner"
	CommandAfterModifyAdmin        Command = "Live.CallbackAfterModifyAdmin"
	CommandAfterMemberStateChanged Command = "Live.CallbackAfterMemberStateChanged"
)

// CommandAfterReachingThreshold is the word of RoomThreshold. Spec: callbacks, section 6.6.
const CommandAfterReachingThreshold Command = "Live.CallbackAfterCreateRoomReachingThreshold"

// aliasMemberStateChanged is the word that the URL table of the member state page prints, without "After". The body of
// the same page has the full word. Spec: callbacks, section 6.7.
const aliasMemberStateChanged Command = "Live.CallbackMemberStateChanged"

// known holds every word that Live can put in a CallbackCommandList. Spec: callbacks, section 11.
var known = map[Command]bool{
	CommandAfterCreateRoom:                    true,
	CommandAfterDestroyRoom:                   true,
	CommandAfterUpdateRoomInfo:                true,
	"Live.CallbackAfterSetMetadata":           true,
	"Live.CallbackAfterDelMetadata":           true,
	CommandAfterReachingThreshold:             true,
	CommandAfterMemberStateChanged:            true,
	CommandAfterChangeOwner:                   true,
	CommandAfterModifyAdmin:                   true,
	"Mic.CallbackAfterSeatInfoChanged":        true,
	"Live.CallbackAfterCreateBattle":          true,
	"Live.CallbackAfterStartBattle":           true,
	"Live.CallbackAfterEndBattle":             true,
	"Live.CallbackBeforeSendGift":             true,
	"Live.CallbackBeforeCallBackNotBlock":     true, // a switch for the word above; never sent
	"Live.CallbackAfterCloudRecordingChanged": true,
	"Group.CallbackBeforeSendMsg":             true,
	"Group.CallbackAfterSendMsg":              true,
	"Follow.CallbackAfterFollowAdd":           true,
	"Follow.CallbackAfterFollowDelete":        true,
}

// KnownCommand reports whether word is documented for the CallbackCommandList of Live. Letter case counts, and the
// commands of Room and Call are not known. How Live treats an unknown word is not documented, so it is a reason for a
// warning and not for a refusal. Spec: callbacks, section 11.
func KnownCommand(word string) bool {
	return known[Command(word)]
}

// canonical returns the command that word stands for.
func canonical(word string) Command {
	if Command(word) == aliasMemberStateChanged {
		return CommandAfterMemberStateChanged
	}
	return Command(word)
}
