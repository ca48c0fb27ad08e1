//go:build unix

package acceptance

import (
	"testing"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

func TestAppIsHeldToItsLimits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", accepts)
	s.configure(t, setup{url: b.url, app: []string{"limits: documented", "max_rooms: 3"}, commands: []callback.Command{
		callback.CommandAfterReachingThreshold, callback.CommandAfterCreateRoom,
	}})
	p := s.serve(t)
	c, ctx := s.client(t, p), t.Context()
	for _, id := range []string{"r1", "r2", "r3"} {
		createRoom(t, c, id)
	}
	_, err := c.CreateRoom(ctx, liveapi.NewRoom{RoomID: "r4"})
	wantCode(t, "a room too many", err, liveapi.CodeTooManyRooms)
	wantRefusal(t, liveapi.CodeTooFrequent, liveapi.CodeTooManyRooms, func() error {
		_, err := c.CreateRoom(ctx, liveapi.NewRoom{RoomID: "r4"})
		return err
	})
	wantRefusal(t, liveapi.CodeCallTooFrequent, liveapi.CodeOK, func() error {
		_, err := c.GetRoomList(ctx, liveapi.GetRoomListRequest{})
		return err
	})
	var told []callback.RoomThreshold
	for range 4 {
		if d := b.next(t); d.Lane == "@app" {
			packet, err := callback.Decode[callback.RoomThreshold](d)
			if err != nil {
				t.Fatal(err)
			}
			told = append(told, packet)
		}
	}
	if len(told) != 1 || told[0].CurRoomCount != 3 || told[0].MaxRoomCount != 3 {
		t.Errorf("got %v, want one callback that tells of 3 of 3 rooms", told)
	}
}

// wantRefusal calls as quickly as it can until it is refused because of that; until then it wants another code.
func wantRefusal(t *testing.T, want, before liveapi.Code, call func() error) {
	t.Helper()
	for range 1000 {
		err := call()
		switch code := codeOf(err); {
		case code == want:
			return
		case code != before:
			t.Fatalf("got %v, want code %d", err, before)
		}
	}
	t.Errorf("1000 calls were answered, want code %d before", want)
}
