package eventlog

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// Event is one logged change: a row of the log, never changed after its commit.
type Event struct {
	// Seq is the number in the App's log: 1, 2, 3 … without gaps, in commit order.
	Seq int64
	// Prev is the largest Seq of a callback event of the App below this one, 0 if there is none.
	Prev int64
	// Lane is the unit of order.
	Lane Lane
	// RoomSeq is the lane's version, from 1.
	RoomSeq int64
	// RoomPrev is the RoomSeq of the lane's callback event before this one, 0 if there is none.
	RoomPrev int64
	// RoomState is the digest of owner and administrators after the change: 16 hex digits, or empty where there is none.
	RoomState string
	// Command is the documented command word, for instance Live.CallbackAfterModifyAdmin.
	Command string
	// Callback is whether the command was switched on, and a URL set, when the change was committed.
	Callback bool
	// Time is the EventTime in milliseconds: never below that of the event before in its lane, never an order.
	Time int64
	// Operator is the Operator_Account.
	Operator string
	// ClientIP and Platform are those of the call, empty when there are none.
	ClientIP string
	Platform string
	// Cause is the RequestId of the call.
	Cause string
	// Body is the callback's body, encoded once: every attempt sends these bytes.
	Body []byte
}

// Size is what the event counts for in a budget of bytes.
func (e *Event) Size() int {
	const row = 256 // the fixed fields, headers of strings, and the slot in a queue
	return row + len(e.Body) + len(e.Lane) + len(e.Command) + len(e.Operator) + len(e.ClientIP) + len(e.Cause)
}

// Lane is the unit of order of callbacks. Lanes do not wait for each other. Its text is the same in the store and,
// percent-encoded, in the header Callboard-Lane: a RoomId has no '/' and no '@', so lanes cannot be mixed up.
type Lane string

// AppLane carries the events that belong to no room.
const AppLane Lane = "@app"

// ControlLane carries the changes of a room itself.
func ControlLane(room string) Lane { return Lane(room) }

// Room returns the RoomId of the lane and what follows it: "", "/members" or "/messages". The App's lane has no RoomId;
// all of it follows.
func (l Lane) Room() (room, suffix string) {
	if l == AppLane {
		return "", string(l)
	}
	if i := strings.IndexByte(string(l), '/'); i >= 0 {
		return string(l[:i]), string(l[i:])
	}
	return string(l), ""
}

// LaneState are the last numbers of a lane. The zero value is that of a lane which never had an event.
type LaneState struct {
	// Seq is the last RoomSeq.
	Seq int64
	// Callback is the RoomSeq of the last callback event.
	Callback int64
	// Time is the last EventTime in milliseconds.
	Time int64
}

// Next numbers one more event of the lane: it sets RoomSeq, RoomPrev and Time of e, whose Callback is set, and
// returns the state after it. now is in milliseconds.
func (s LaneState) Next(e *Event, now int64) LaneState {
	e.RoomSeq, e.RoomPrev, e.Time = s.Seq+1, s.Callback, max(now, s.Time)
	next := LaneState{Seq: e.RoomSeq, Callback: s.Callback, Time: e.Time}
	if e.Callback {
		next.Callback = e.RoomSeq
	}
	return next
}

// After returns the state of the lane whose last event is e.
func After(e *Event) LaneState {
	s := LaneState{Seq: e.RoomSeq, Callback: e.RoomPrev, Time: e.Time}
	if e.Callback {
		s.Callback = e.RoomSeq
	}
	return s
}

// NewLogID returns the id of a new log: 8 random characters of a-z and 2-7.
func NewLogID() string {
	var b [5]byte
	// crypto/rand.Read never fails: it ends the process instead.
	_, _ = rand.Read(b[:])
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}
