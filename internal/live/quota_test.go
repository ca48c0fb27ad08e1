package live_test

import (
	"fmt"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

// counted is the state of an App that has rooms, and may have some more.
type counted struct {
	given
	rooms, most int64
}

func (c counted) App() *live.App { return &live.App{MaxRooms: c.most} }
func (c counted) Rooms() int64   { return c.rooms }

// Spec: callbacks 6.6; create_room, 100013.
func TestQuotaOfRooms(t *testing.T) {
	cases := []struct {
		rooms, most int64
		reports     bool
		refused     bool
	}{
		{0, 0, false, false},
		{1 << 40, 0, false, false},
		{0, 1, true, false},
		{1, 1, false, true},
		{68, 100, false, false},
		{69, 100, true, false},
		{99, 100, true, false},
		{100, 100, false, true},
		{101, 100, false, true},
		{5, 9, false, false}, // 6 of 9 are 66 %
		{6, 9, true, false},
		{live.MaxQuota - 1, live.MaxQuota, true, false},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d of %d", c.rooms, c.most), func(t *testing.T) {
			out, err := create("host", live.Attributes{}).Apply(counted{rooms: c.rooms, most: c.most}, byREST, noon)
			if c.refused {
				refused(t, err, live.TooManyRooms, fmt.Sprint(c.most), "max_rooms")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var want []live.Event
			if c.reports {
				want = []live.Event{{Change: live.QuotaReached{Current: c.rooms + 1, Most: c.most}}}
			}
			same(t, "events after that of the room", out.Events[1:], want)
		})
	}
}

func TestQuotaIsNoneOfARoomThatExists(t *testing.T) {
	state := counted{given: given{roomOf()}, rooms: 9, most: 9}
	_, err := create("owner", live.Attributes{}).Apply(state, byREST, noon)
	refused(t, err, live.RoomExists, "same owner")
}
