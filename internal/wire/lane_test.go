package wire

import (
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func TestLanesAreReadAsTheyAreWritten(t *testing.T) {
	longest := eventlog.ControlLane(strings.Repeat("a", live.MaxRoomID))
	for _, lane := range []eventlog.Lane{"r1", "R_1-x", "r1/members", "r1/messages", eventlog.AppLane, longest} {
		if got, err := ParseLane(LaneText(lane)); err != nil || got != lane {
			t.Errorf("%q was read as %q, %v", LaneText(lane), got, err)
		}
	}
	if got, err := ParseLane("r%31"); err != nil || got != "r1" {
		t.Errorf("a percent-encoded RoomId was read as %q, %v, want r1", got, err)
	}
}

func TestWhatIsNoLaneIsNotReadAsOne(t *testing.T) {
	for _, text := range []string{"", "/members", "r1/", "r1/seats", "r1/members/x", "@apps", "a b", "a%20b", "%zz", "r%00", strings.Repeat("a", live.MaxRoomID+1)} {
		if got, err := ParseLane(text); err == nil {
			t.Errorf("%q was read as the lane %q", text, got)
		}
	}
}
