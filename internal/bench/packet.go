package bench

import (
	"bytes"
	"strconv"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// What every measurement uses.
const (
	firstApp      = 1_400_000_001
	administrator = "administrator"
	command       = string(callback.CommandAfterModifyAdmin)
	// causeSample is as long as the RequestId of a REST call.
	causeSample = "Id-0123456789abcdef0123456789abcdef-O-Seq-1234567"
	stateSample = "dbb187feebe7cf72"
	logSample   = "bench234"
)

// appID is the SDKAppID of the App with that index.
func appID(index int) live.AppID { return live.AppID(firstApp + index) }

// Names of rooms and accounts hold a number, so that the receiver needs no table of names. An account of which the
// arrival is timed begins with u, any other with x.
const (
	roomPrefix    = 'r'
	timedAccount  = 'u'
	silentAccount = 'x'
)

func roomName(index int) string { return string(roomPrefix) + strconv.Itoa(index) }

func accountName(kind byte, number int64) string { return string(kind) + strconv.FormatInt(number, 10) }

// key names one change of administrators: an account comes once and goes once.
func key(account int64, gone bool) int64 {
	if gone {
		return 2*account + 1
	}
	return 2 * account
}

// toggle is the room's next change: its one administrator comes or goes.
type toggle struct {
	account string
	gone    bool
}

func (t toggle) op() string {
	if t.gone {
		return "delete"
	}
	return "add"
}

// request is the body of the call that makes the change.
func (t toggle) request(room string) []byte {
	b := append(make([]byte, 0, 128), `{"RoomId":"`...)
	b = append(append(b, room...), `","Admin_Account":["`...)
	b = append(append(b, t.account...), `"],"OpType":"`...)
	return append(append(b, t.op()...), `"}`...)
}

// body is the callback of a change, byte for byte as the server encodes it.
func (t toggle) body(room string, eventTime int64) []byte {
	b := make([]byte, 0, 224)
	b = append(b, `{"CallbackCommand":"`+command+`","RoomId":"`...)
	b = append(b, room...)
	b = append(b, `","EventTime":`...)
	b = strconv.AppendInt(b, eventTime, 10)
	b = append(b, `,"Operator_Account":"`+administrator+`","Admin_Account":["`...)
	b = append(b, t.account...)
	b = append(b, `"],"opType":"`...)
	b = append(b, t.op()...)
	return append(b, `"}`...)
}

// event is the row of the log that the server would have for the next change of a lane. seq is its number in the log.
func (t toggle) event(room string, lane *eventlog.LaneState, seq int64, now time.Time) *eventlog.Event {
	e := &eventlog.Event{
		Seq: seq, Prev: seq - 1, Lane: eventlog.ControlLane(room), RoomState: stateSample, Command: command, Callback: true,
		Operator: administrator, ClientIP: "127.0.0.1", Platform: live.PlatformREST, Cause: causeSample,
	}
	*lane = lane.Next(e, now.UnixMilli())
	e.Body = t.body(room, e.Time)
	return e
}

// field finds the value of a key in compact JSON whose strings hold no quotes: all that is sent here. It is empty when
// there is none.
func field(body []byte, before string) []byte {
	i := bytes.Index(body, []byte(before))
	if i < 0 {
		return nil
	}
	rest := body[i+len(before):]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		return nil
	}
	return rest[:end]
}
