package callback

// Command is a command word: the value of CallbackCommand in the URL and in the body of a callback.
type Command string

// The commands that have a packet type here. Spec: callbacks, sections 6 and 7.
const (
	CommandAfterCreateRoom         Command = "Live.CallbackAfterCreateRoom"
	CommandAfterDestroyRoom        Command = "Live.CallbackAfterDestroyRoom"
	CommandAfterUpdateRoomInfo     Command = "Live.CallbackAfterUpdateRoomInfo"
	CommandAfterChangeOwner        Command = "Live.CallbackAfterChangeOwner"
	CommandAfterModifyAdmin        Command = "Live.CallbackAfterModifyAdmin"
	CommandAfterMemberStateChanged Command = "Live.CallbackAfterMemberStateChanged"
	CommandAfterReachingThreshold  Command = "Live.CallbackAfterCreateRoomReachingThreshold"
	CommandAfterSetMetadata        Command = "Live.CallbackAfterSetMetadata"
	CommandAfterDelMetadata        Command = "Live.CallbackAfterDelMetadata"
	CommandAfterSeatInfoChanged    Command = "Mic.CallbackAfterSeatInfoChanged"
	CommandAfterCreateBattle       Command = "Live.CallbackAfterCreateBattle"
	CommandAfterStartBattle        Command = "Live.CallbackAfterStartBattle"
	CommandAfterEndBattle          Command = "Live.CallbackAfterEndBattle"
	CommandAfterSendMessage        Command = "Group.CallbackAfterSendMsg"
)

// The commands of questions: the sender does what it asks about only after the answer. Spec: callbacks, sections 6.13 and 6.17.
const (
	CommandBeforeSendMessage Command = "Group.CallbackBeforeSendMsg"
	CommandBeforeSendGift    Command = "Live.CallbackBeforeSendGift"
	// CommandNotBlock is never sent. Beside CommandBeforeSendGift in a CallbackCommandList it lets gifts pass when there is no
	// valid answer. Spec: callbacks, section 6.14.
	CommandNotBlock Command = "Live.CallbackBeforeCallBackNotBlock"
)

// aliasMemberStateChanged is the word that the URL table of the member state page prints, without "After". The body of
// the same page has the full word. Spec: callbacks, section 6.7.
const aliasMemberStateChanged Command = "Live.CallbackMemberStateChanged"

// known holds every word that Live can put in a CallbackCommandList. Spec: callbacks, section 11.
var known = map[Command]bool{
	CommandAfterCreateRoom:                    true,
	CommandAfterDestroyRoom:                   true,
	CommandAfterUpdateRoomInfo:                true,
	CommandAfterSetMetadata:                   true,
	CommandAfterDelMetadata:                   true,
	CommandAfterReachingThreshold:             true,
	CommandAfterMemberStateChanged:            true,
	CommandAfterChangeOwner:                   true,
	CommandAfterModifyAdmin:                   true,
	CommandAfterSeatInfoChanged:               true,
	CommandAfterCreateBattle:                  true,
	CommandAfterStartBattle:                   true,
	CommandAfterEndBattle:                     true,
	CommandBeforeSendGift:                     true,
	CommandNotBlock:                           true,
	"Live.CallbackAfterCloudRecordingChanged": true,
	CommandBeforeSendMessage:                  true,
	CommandAfterSendMessage:                   true,
	"Follow.CallbackAfterFollowAdd":           true,
	"Follow.CallbackAfterFollowDelete":        true,
}

// KnownCommand reports whether word is documented for the CallbackCommandList of Live. Letter case counts, and the
// commands of Room and Call are not known. How Live treats an unknown word is not documented, so it is a reason for a
// warning and not for a refusal. Spec: callbacks, section 11.
func KnownCommand(word string) bool {
	return known[Command(word)]
}

// isQuestion tells whether the sender waits for an answer to decide by.
func isQuestion(c Command) bool { return c == CommandBeforeSendMessage || c == CommandBeforeSendGift }

// canonical returns the command that word stands for.
func canonical(word string) Command {
	if Command(word) == aliasMemberStateChanged {
		return CommandAfterMemberStateChanged
	}
	return Command(word)
}
