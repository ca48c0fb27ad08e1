package live_test

import (
	"math"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

// Spec: the FAQ of the REST API; samples also use '-'.
func TestRoomIDsAreUpTo48LettersDigitsUnderscoresAndHyphens(t *testing.T) {
	for _, id := range []live.RoomID{"r", "live-room", "room_id", "PK-1", "0", "-", live.RoomID(strings.Repeat("a", 48))} {
		if err := id.Check(); err != nil {
			t.Errorf("%q was refused: %v", id, err)
		}
	}
	for id, says := range map[live.RoomID]string{
		"":                                   "1 to 48 bytes",
		live.RoomID(strings.Repeat("a", 49)): "49 bytes; at most 48",
		"room 1":                             "byte 5",
		"r/members":                          "byte 2",
		"@app":                               "byte 1",
		"@TGS#1":                             "byte 1",
		"répétition":                         "byte 2",
		"a.b":                                "byte 2",
		"a%2Fb":                              "byte 2",
		"a\x00":                              "byte 2",
		"a\n":                                "byte 2",
	} {
		refused(t, id.Check(), live.InvalidParameter, "RoomId", says)
	}
}

func TestAppIDIsDecimal(t *testing.T) {
	same(t, "text", live.AppID(math.MaxUint32).String(), "4294967295")
}
