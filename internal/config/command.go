package config

import (
	"slices"
	"strings"
)

// commands are the words that a callback configuration of Live may list.
// Live.CallbackBeforeCallBackNotBlock is a switch and never sent itself.
// Spec: callbacks, summary table.
var commands = []string{
	"Follow.CallbackAfterFollowAdd",
	"Follow.CallbackAfterFollowDelete",
	"Group.CallbackAfterSendMsg",
	"Group.CallbackBeforeSendMsg",
	"Live.CallbackAfterChangeOwner",
	"Live.CallbackAfterCloudRecordingChanged",
	"Live.CallbackAfterCreateBattle",
	"Live.CallbackAfterCreateRoom",
	"Live.CallbackAfterCreateRoomReachingThreshold",
	"Live.CallbackAfterDelMetadata",
	"Live.CallbackAfterDestroyRoom",
	"Live.CallbackAfterEndBattle",
	"Live.CallbackAfterMemberStateChanged",
	"Live.CallbackAfterModifyAdmin",
	"Live.CallbackAfterSetMetadata",
	"Live.CallbackAfterStartBattle",
	"Live.CallbackAfterUpdateRoomInfo",
	"Live.CallbackBeforeCallBackNotBlock",
	"Live.CallbackBeforeSendGift",
	"Mic.CallbackAfterSeatInfoChanged",
}

func knownCommand(s string) bool { return slices.Contains(commands, s) }

// nearCommand is the command that differs in letter case only, or "".
func nearCommand(s string) string {
	i := slices.IndexFunc(commands, func(c string) bool { return strings.EqualFold(c, s) })
	if i < 0 {
		return ""
	}
	return commands[i]
}
