// Package live holds the rules of live rooms and of the settings of an App.
//
// The rules are pure: a [RoomCommand] or an [AppCommand] takes the committed state and the time and returns the
// new state with the [Event] values that report it, or a refusal ([Error]) that changed nothing. Values passed in
// are never modified, so a state may be shared by readers. Nothing here reads a clock, a random source, a database
// or the network, and nothing here is encoded for the wire: package wire does that.
//
// All types are plain values; they carry no locks and start no goroutines.
package live
