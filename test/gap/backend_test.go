package gap

import (
	"net/http"

	"github.com/callboard/callboard/callback"
)

// backend is the live backend of a run: a model, or the real binary with a handle on its process and its REST API.
type backend interface {
	http.RoundTripper // its feed

	// app is the SDKAppID, log the id of its current log.
	app() uint32
	log() string
	// history has the callback events of the current log, all of them.
	history() []happened
	// change makes one change of a room, as a REST call does.
	change(c change)
	// turn switches the callbacks of a command on or off.
	turn(command callback.Command, on bool)
	// send lets callbacks go out: at least one, if any is waiting.
	send()
	// idle tells that no callback is waiting.
	idle() bool
	// redeliver sends again one callback that was given up, and tells whether there is another.
	redeliver() bool
	// restart ends the process without a goodbye and starts it again.
	restart()
	// backup keeps the state that renew goes back to, with a new log.
	backup()
	renew()
	// forget removes the oldest part of the log that is settled.
	forget()
	// rooms returns the rooms as they are.
	rooms() map[string]roles
	// settle makes everything go well from now on.
	settle()
}

// happened is a callback event: its numbers.
type happened struct {
	lane         string
	seq, roomSeq int64
}

// roles are who has a say in a room.
type roles struct {
	Owner          callback.Account
	Administrators []callback.Account // sorted
}

// change is a call: which room, what, by whom.
type change struct {
	kind    kind
	room    string
	account callback.Account
}

type kind int

const (
	create kind = iota
	destroy
	giveOwner
	addAdministrator
	deleteAdministrator
	enter // a member enters: an event of another lane than the room's own
)
