package live_test

import (
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func TestDestroyIsOneEventWithTheLastState(t *testing.T) {
	room := roomOf("a", "b")
	got := must(t, room, live.DestroyRoom{Room: r1})
	if got.Room != nil {
		t.Errorf("room = %+v, want none", got.Room)
	}
	same(t, "statistic", got.Reply.Statistic, &live.Statistic{})
	same(t, "events", got.Events, []live.Event{{
		Room: r1, Change: live.RoomDestroyed{Room: *room, Cause: live.DestroyByUser},
	}})
}

func TestDestroyRefusals(t *testing.T) {
	_, err := run(t, nil, live.DestroyRoom{Room: r1})
	refused(t, err, live.RoomNotFound, `"r1"`)
	_, err = run(t, roomOf(), live.DestroyRoom{})
	refused(t, err, live.InvalidParameter, "RoomId", "empty")
}
