package wire

import (
	"errors"
	"net/url"
	"slices"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// LaneText is a lane as the header Callboard-Lane and the feed have it: only the RoomId is percent-encoded.
func LaneText(l eventlog.Lane) string {
	room, suffix := l.Room()
	return url.PathEscape(room) + suffix
}

// suffixes are those of the lanes of a room.
var suffixes = []string{"", "/members", "/messages"}

var errLane = errors.New("it is no lane; one is a RoomId, with /members or /messages behind it, or @app")

// Lane is the lane of a kind that is the room's, or the App's.
func Lane(kind live.Lanes, room live.RoomID) eventlog.Lane {
	switch kind {
	case live.MembersLane:
		return eventlog.Lane(room) + "/members"
	case live.MessagesLane:
		return eventlog.Lane(room) + "/messages"
	case live.AppLane:
		return eventlog.AppLane
	}
	return eventlog.ControlLane(string(room))
}

// ParseLane is the inverse of LaneText. Whether there is such a room is for those who know the rooms.
func ParseLane(text string) (eventlog.Lane, error) {
	if text == string(eventlog.AppLane) {
		return eventlog.AppLane, nil
	}
	escaped, suffix := eventlog.Lane(text).Room()
	room, err := url.PathUnescape(escaped)
	if err != nil || live.RoomID(room).Check() != nil || !slices.Contains(suffixes, suffix) {
		return "", errLane
	}
	return eventlog.Lane(room + suffix), nil
}
