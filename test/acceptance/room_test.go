//go:build unix

package acceptance

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

func TestRoomLivesAndIsReported(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", accepts)
	s.configure(t, setup{url: b.url, commands: allCommands()})
	c := s.client(t, s.serve(t))
	ctx := t.Context()
	var told []string
	tell := func(change error, callbacks int) {
		t.Helper()
		if change != nil {
			t.Fatal(change)
		}
		for range callbacks {
			told = append(told, summary(t, b.next(t)))
		}
	}
	name := "a <new> name"
	_, err := c.CreateRoom(ctx, liveapi.NewRoom{RoomID: "r1", OwnerAccount: "anchor", SeatTemplate: "VideoDynamicGrid9Seats"})
	tell(err, 1)
	wantCode(t, "create_room of the same owner", second(c.CreateRoom(ctx, liveapi.NewRoom{RoomID: "r1", OwnerAccount: "anchor"})), liveapi.CodeRoomExists)
	wantCode(t, "create_room of another owner", second(c.CreateRoom(ctx, liveapi.NewRoom{RoomID: "r1", OwnerAccount: "eve"})), liveapi.CodeRoomTaken)
	tell(c.UpdateRoomInfo(ctx, liveapi.RoomUpdate{RoomID: "r1", RoomName: &name}), 1)
	tell(c.UpdateRoomInfo(ctx, liveapi.RoomUpdate{RoomID: "r1", RoomName: &name}), 0) // changes nothing
	tell(c.AddAdmin(ctx, "r1", "alice", "bob", "alice"), 1)
	tell(c.AddAdmin(ctx, "r1", "bob"), 0)
	tell(c.ChangeRoomOwner(ctx, "r1", "bob"), 2) // an administrator before
	tell(c.ChangeRoomOwner(ctx, "r1", "bob"), 0)
	tell(c.DeleteAdmin(ctx, "r1", "bob", "nobody"), 0) // the owner, and nobody
	wantRoom(t, c, liveapi.RoomInfo{RoomID: "r1", RoomName: name, OwnerAccount: "bob", RoomType: "Live"}, "alice")
	tell(second(c.DestroyRoom(ctx, "r1")), 1)
	wantCode(t, "get_room_info of a destroyed room", second(c.GetRoomInfo(ctx, "r1")), liveapi.CodeRoomNotFound)
	wantCode(t, "destroy_room of a destroyed room", second(c.DestroyRoom(ctx, "r1")), liveapi.CodeRoomNotFound)
	tell(second(c.CreateRoom(ctx, liveapi.NewRoom{RoomID: "r1", OwnerAccount: "carol"})), 1)
	wantRoom(t, c, liveapi.RoomInfo{RoomID: "r1", RoomName: "r1", OwnerAccount: "carol", RoomType: "Live"})

	want := []string{
		`0-1 Live.CallbackAfterCreateRoom`,
		`1-2 Live.CallbackAfterUpdateRoomInfo`,
		`2-3 Live.CallbackAfterModifyAdmin add ["alice","bob"]`,
		`3-4 Live.CallbackAfterModifyAdmin delete ["bob"]`,
		`4-5 Live.CallbackAfterChangeOwner anchor to bob`,
		`5-6 Live.CallbackAfterDestroyRoom`,
		`6-7 Live.CallbackAfterCreateRoom`,
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("callbacks (-want +got):\n%s", diff)
	}
}

// second drops a payload that is not of interest.
func second[T any](_ T, err error) error { return err }

func wantCode(t *testing.T, what string, err error, want liveapi.Code) {
	t.Helper()
	if got := codeOf(err); got != want {
		t.Errorf("%s: got %v, want code %d", what, err, want)
	}
}

// summary is the place of a callback in its lane, and what it says of administrators and owners.
func summary(t *testing.T, d callback.Delivery) string {
	t.Helper()
	text := fmt.Sprintf("%d-%d %s", d.RoomPrev, d.RoomSeq, d.Command)
	var body struct {
		Admins   json.RawMessage `json:"Admin_Account"`
		Op       string          `json:"opType"`
		Original string          `json:"OriginalOwner_Account"`
		Current  string          `json:"CurrentOwner_Account"`
	}
	if err := json.Unmarshal(d.Body, &body); err != nil {
		t.Fatal(err)
	}
	switch {
	case body.Op != "":
		text += fmt.Sprintf(" %s %s", body.Op, body.Admins)
	case body.Current != "":
		text += fmt.Sprintf(" %s to %s", body.Original, body.Current)
	}
	return text
}

// wantRoom compares the named attributes of a room, and its administrators.
func wantRoom(t *testing.T, c *liveapi.Client, want liveapi.RoomInfo, admins ...string) {
	t.Helper()
	room, err := c.GetRoomInfo(t.Context(), want.RoomID)
	got := liveapi.RoomInfo{RoomID: room.RoomID, RoomName: room.RoomName, OwnerAccount: room.OwnerAccount, RoomType: room.RoomType}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("get_room_info: %v (-want +got):\n%s", err, diff)
	}
	if room.CreateTime < 1e9 || room.CreateTime > 1e11 {
		t.Errorf("CreateTime %d is not in seconds", room.CreateTime)
	}
	list, err := c.GetAdminList(t.Context(), want.RoomID)
	if diff := cmp.Diff(append([]string{}, admins...), list); err != nil || diff != "" {
		t.Errorf("get_admin_list: %v (-want +got):\n%s", err, diff)
	}
}

// 45 rooms are two full pages and one of 5. A page asked for twice is the same.
func TestListHasEachPublicRoomOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	c := s.client(t, s.serve(t))
	var want []string
	for i := range 45 {
		id := fmt.Sprintf("room_%02d", i)
		createRoom(t, c, id)
		want = append(want, id)
	}
	hidden := false
	if _, err := c.CreateRoom(t.Context(), liveapi.NewRoom{RoomID: "hidden", IsPublicVisible: &hidden}); err != nil {
		t.Fatal(err)
	}
	for _, direction := range []string{liveapi.Ascend, liveapi.Descend} {
		for _, first := range []string{"", "0"} {
			got, sizes := listRooms(t, c, liveapi.GetRoomListRequest{Next: first, Count: 20, SortDirection: direction})
			if diff := cmp.Diff([]int{20, 20, 5}, sizes); diff != "" {
				t.Errorf("%s from %q, sizes of the pages (-want +got):\n%s", direction, first, diff)
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s from %q (-want +got):\n%s", direction, first, diff)
			}
		}
	}
}

// listRooms reads all pages, each twice.
func listRooms(t *testing.T, c *liveapi.Client, request liveapi.GetRoomListRequest) (ids []string, sizes []int) {
	t.Helper()
	for len(sizes) < 10 {
		page, err := c.GetRoomList(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.GetRoomList(t.Context(), request)
		if diff := cmp.Diff(page, again); err != nil || diff != "" {
			t.Errorf("the same page again: %v (-first +second):\n%s", err, diff)
		}
		for _, room := range page.RoomList {
			ids = append(ids, room.RoomID)
		}
		sizes = append(sizes, len(page.RoomList))
		if request.Next = page.Next; request.Next == "" {
			return ids, sizes
		}
	}
	t.Fatal("the list has no end")
	return nil, nil
}
