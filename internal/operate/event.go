package operate

import (
	"regexp"
	"strconv"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// EventID is the name of an event, taken apart.
type EventID struct {
	App live.AppID
	Log string
	Seq int64
}

func (id EventID) String() string { return wire.EventID(id.App, id.Log, id.Seq) }

var eventForm = regexp.MustCompile(`^([1-9][0-9]{0,9})-([a-z2-7]{8})-([1-9][0-9]{0,17})$`)

// ParseEventID reads a Callboard-Event-Id: <sdkappid>-<log>-<seq>.
func ParseEventID(text string) (EventID, error) {
	m := eventForm.FindStringSubmatch(text)
	if m == nil {
		return EventID{}, badRequest("%.64q is no event id; it is <sdkappid>-<log>-<number>, as in the header Callboard-Event-Id", text)
	}
	app, errApp := strconv.ParseUint(m[1], 10, 32)
	seq, err := strconv.ParseInt(m[3], 10, 64)
	if errApp != nil || err != nil {
		return EventID{}, badRequest("%.64q is no event id: its SDKAppID is above the largest", text)
	}
	return EventID{live.AppID(app), m[2], seq}, nil
}

// ownEvent reads the id of an event of an App.
func ownEvent(app live.AppID, text string) (EventID, error) {
	id, err := ParseEventID(text)
	if err == nil && id.App != app {
		return id, badRequest("the event is one of the App %d, and the call is for the App %d; set sdkappid", id.App, app)
	}
	return id, err
}
