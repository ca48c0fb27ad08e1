package rest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/liveapi"
)

func TestRoomCanBeReadRightAfterItsCreation(t *testing.T) {
	w := newWorld(t)
	if diff := cmp.Diff(`{"RoomId":"r1"}`, w.ok("create_room", samples[0].body)); diff != "" {
		t.Errorf("create_room (-want +got):\n%s", diff)
	}
	got := map[string]any{}
	info(t, w, &got)
	created, _ := got["CreateTime"].(float64)
	if created < 1_500_000_000 || created > 5_000_000_000 {
		t.Errorf("got CreateTime %v, want Unix seconds", got["CreateTime"])
	}
	delete(got, "CreateTime")
	want := map[string]any{
		"RoomId": "r1", "RoomName": "<name>", "RoomType": "Live", "Owner_Account": "host", "IsSeatEnabled": true,
		"TakeSeatMode": "ApplyToTake", "MaxSeatCount": 50.0, "MaxMemberCount": 1000000.0, "IsMessageDisabled": true,
		"CoverURL": "https://c", "Category": []any{1.0, 2.0, 3.0}, "ActivityStatus": -9.0, "ViewCount": 0.0, "IsPublicVisible": true,
		"Notice": "n", "MemberCount": 0.0, "OnlineCount": 0.0, "Popularity": 0.0, "IsUnlimitedRoomEnabled": true,
		"SeatLayoutTemplateId": 50.0, "SeatTemplate": "AudioSalon", "IsGiftEnabled": true, "IsLikeEnabled": true,
		"BackgroundURL": "https://b", "LifetimeAfterNoUsers": 1800.0, "LifetimeAfterOwnerLeave": 0.0,
		"LifetimeAfterOwnerOffline": 0.0, "KeepOwnerOnSeat": true, "IsAudioDisabled": false, "IsVideoDisabled": false,
		"IsScreenSharingDisabled": false, "CustomInfo": "i",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("get_room_info (-want +got):\n%s", diff)
	}
}

// info reads the RoomInfo of r1.
func info(t *testing.T, w *world, to any) {
	t.Helper()
	var payload struct{ RoomInfo json.RawMessage }
	if err := json.Unmarshal([]byte(w.ok("get_room_info", `{"RoomId":"r1"}`)), &payload); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(payload.RoomInfo, to); err != nil {
		t.Fatal(err)
	}
}

func TestRoomThatLosesItsNameIsNamedByItsRoomId(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", samples[0].body)
	w.ok("update_room_info", `{"RoomInfo":{"RoomId":"r1","RoomName":""}}`)
	var got liveapi.RoomInfo
	if info(t, w, &got); got.RoomName != "r1" {
		t.Errorf("got RoomName %q, want r1", got.RoomName)
	}
}

// Duplicates count once, so that a list of many may name few.
func TestAccountNamedManyTimesCountsOnce(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", samples[0].body)
	w.ok("modify_admin", `{"RoomId":"r1","Admin_Account":`+listOf(`"alice"`, maxAccounts)+`,"OpType":"add"}`)
	if diff := cmp.Diff(`{"Admin_Account":["alice"]}`, w.ok("get_admin_list", `{"RoomId":"r1"}`)); diff != "" {
		t.Errorf("get_admin_list (-want +got):\n%s", diff)
	}
}

func TestUpdateChangesWhatIsGivenAndNothingElse(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", samples[0].body)
	var before, after liveapi.RoomInfo
	info(t, w, &before)
	if got := w.ok("update_room_info", `{"RoomInfo":{"RoomId":"r1","Notice":"","Category":[],"IsUnlimitedRoomEnabled":null}}`); got != "" {
		t.Errorf("got Response %s, want none", got)
	}
	info(t, w, &after)
	before.Notice, before.Category = "", []int64{}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("room (-want +got):\n%s", diff)
	}
}

func TestEveryDocumentedRefusalOfRooms(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","Owner_Account":"host"}}`)
	w.ok("modify_admin", `{"RoomId":"r1","Admin_Account":["a","b","c"],"OpType":"add"}`)
	cases := []struct {
		command, body string
		want          liveapi.Code
	}{
		{"create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","Owner_Account":"host"}}`, liveapi.CodeRoomExists},
		{"create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`, liveapi.CodeRoomTaken},
		{"destroy_room", `{"RoomId":"none"}`, liveapi.CodeRoomNotFound},
		{"update_room_info", `{"RoomInfo":{"RoomId":"none"}}`, liveapi.CodeRoomNotFound},
		{"get_room_info", `{"RoomId":"none"}`, liveapi.CodeRoomNotFound},
		{"get_admin_list", `{"RoomId":"none"}`, liveapi.CodeRoomNotFound},
		{"modify_admin", `{"RoomId":"none","Admin_Account":["a"],"OpType":"delete"}`, liveapi.CodeRoomNotFound},
		{"modify_admin", `{"RoomId":"r1","Admin_Account":["d","e","f"],"OpType":"add"}`, liveapi.CodeTooManyAdministrators},
		{"modify_admin", `{"RoomId":"r1","Admin_Account":["1","2","3","4","5","6"],"OpType":"add"}`, liveapi.CodeTooManyAdministrators},
		{"modify_admin", `{"RoomId":"r1","Admin_Account":["1","2","3","4","5","6"],"OpType":"delete"}`, liveapi.CodeInvalidParameter},
		{"change_room_owner", `{"RoomId":"none","NewOwner_Account":"a"}`, liveapi.CodeRoomNotFound},
		{"get_callback", `{}`, liveapi.CodeCallbackNotFound},
		{"update_callback", `{"Url":"https://a","CallbackCommandList":[]}`, liveapi.CodeCallbackNotFound},
		{"get_callback_token", `{}`, liveapi.CodeCallbackTokenNotFound},
		{"set_callback_token", `{"Token":"t"}`, liveapi.CodeInvalidParameter},
	}
	for _, c := range cases {
		if got := w.call(c.command, c.body); got.ErrorCode != c.want {
			t.Errorf("%s %s: got %d %q, want %d", c.command, c.body, got.ErrorCode, got.ErrorInfo, c.want)
		}
	}
}

func TestAdministratorsAreListedUntilTheyAreDeleted(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
	steps := []struct{ command, body, want string }{
		{"get_admin_list", `{"RoomId":"r1"}`, `{"Admin_Account":[]}`},
		{"modify_admin", `{"RoomId":"r1","Admin_Account":["user2","user1"],"OpType":"add"}`, ""},
		{"modify_admin", `{"RoomId":"r1","Admin_Account":["user1"],"OpType":"add"}`, ""},
		{"get_admin_list", `{"RoomId":"r1"}`, `{"Admin_Account":["user2","user1"]}`},
		{"change_room_owner", `{"RoomId":"r1","NewOwner_Account":"user1"}`, ""},
		{"get_admin_list", `{"RoomId":"r1"}`, `{"Admin_Account":["user2"]}`},
		{"modify_admin", `{"RoomId":"r1","Admin_Account":["user2","nobody"],"OpType":"delete"}`, ""},
		{"get_admin_list", `{"RoomId":"r1"}`, `{"Admin_Account":[]}`},
		{"destroy_room", `{"RoomId":"r1"}`, `{"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,` +
			`"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}`},
	}
	for _, s := range steps {
		if diff := cmp.Diff(s.want, w.ok(s.command, s.body)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.command, diff)
		}
	}
}

func TestCallbackSettingsAreReadAsTheyWereWritten(t *testing.T) {
	w := newWorld(t)
	steps := []struct{ command, body, want string }{
		{"set_callback", `{"Url":"https://a.example/?a=1&b=<2>","CallbackCommandList":[]}`, ""},
		{"get_callback", `{}`, `{"Url":"https://a.example/?a=1&b=<2>","CallbackCommandList":[]}`},
		{"update_callback", `{"Url":"https://b.example","CallbackCommandList":["Live.X","Live.CallbackAfterModifyAdmin"]}`, ""},
		{"get_callback", `{}`, `{"Url":"https://b.example","CallbackCommandList":["Live.X","Live.CallbackAfterModifyAdmin"]}`},
		{"set_callback_token", `{"Token":"t1","IsTokenEnable":true}`, ""},
		{"set_callback_token", `{"IsTokenEnable":false}`, ""},
		{"get_callback_token", `{}`, `{"Token":"t1","IsTokenEnable":false}`},
		{"delete_callback", `{}`, ""},
		{"delete_callback", `{}`, ""},
	}
	for _, s := range steps {
		if diff := cmp.Diff(s.want, w.ok(s.command, s.body)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.command, diff)
		}
	}
	if got := w.call("set_callback", `{"Url":"https://a","CallbackCommandList":[]}`); got.ErrorCode != liveapi.CodeOK {
		t.Errorf("set_callback after delete_callback: got %d %q, want 0", got.ErrorCode, got.ErrorInfo)
	}
	if got := w.call("set_callback", `{"Url":"https://a","CallbackCommandList":[]}`); got.ErrorCode != liveapi.CodeCallbackExists {
		t.Errorf("set_callback twice: got %d, want 100300", got.ErrorCode)
	}
}

func TestListPagesThroughPublicRoomsOnce(t *testing.T) {
	w := newWorld(t)
	names := []string{"a-1", "a-2", "b", "c-0", "d"}
	for _, name := range names {
		w.ok("create_room", `{"RoomInfo":{"RoomId":"`+name+`","RoomType":"Live"}}`)
	}
	w.ok("create_room", `{"RoomInfo":{"RoomId":"hidden","RoomType":"Live","IsPublicVisible":false}}`)
	for _, c := range []struct{ direction, start string }{{"ascend", `""`}, {"descend", `"0"`}} {
		var ids, nexts []string
		next := c.start
		for range 5 {
			page := listPage(t, w, `{"Next":`+next+`,"Count":2,"SortDirection":"`+c.direction+`"}`)
			again := listPage(t, w, `{"Next":`+next+`,"Count":2,"SortDirection":"`+c.direction+`"}`)
			if diff := cmp.Diff(page, again); diff != "" {
				t.Errorf("the page after %s asked again:\n%s", next, diff)
			}
			for _, room := range page.RoomList {
				ids = append(ids, room.RoomID)
			}
			nexts = append(nexts, page.Next)
			if page.Next == "" {
				break
			}
			next = `"` + page.Next + `"`
		}
		if len(nexts) != 3 {
			t.Errorf("%s: got %d pages %q, want 3", c.direction, len(nexts), nexts)
		}
		// The rooms may be of two seconds, which put those of the later one after all others.
		if c.direction == "descend" {
			slices.Reverse(ids)
		}
		if diff := cmp.Diff(names, ids); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.direction, diff)
		}
	}
}

func listPage(t *testing.T, w *world, body string) liveapi.GetRoomListResponse {
	t.Helper()
	var page liveapi.GetRoomListResponse
	if err := json.Unmarshal([]byte(w.ok("get_room_list", body)), &page); err != nil {
		t.Fatal(err)
	}
	return page
}

func TestListOfNoRoomsIsAnEmptyList(t *testing.T) {
	if diff := cmp.Diff(`{"Next":"","RoomList":[]}`, newWorld(t).ok("get_room_list", `{"Next":""}`)); diff != "" {
		t.Errorf("get_room_list (-want +got):\n%s", diff)
	}
}

func TestExactlyFullPageIsTheLast(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b"} {
		w.ok("create_room", `{"RoomInfo":{"RoomId":"`+name+`","RoomType":"Live"}}`)
	}
	if got := listPage(t, w, `{"Next":"","Count":2}`); got.Next != "" || len(got.RoomList) != 2 {
		t.Errorf("got %d rooms and Next %q, want 2 and none", len(got.RoomList), got.Next)
	}
}

func TestBrokenNextIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, next := range []string{"1", "-", "1693271355-", "-r1", "x-r1", "+1-r1", "-1-r1", "1-r 1", "9223372036854775808-r1", "1-" + strings.Repeat("r", 49)} {
		got := w.call("get_room_list", `{"Next":"`+next+`","Count":20}`)
		if got.ErrorCode != liveapi.CodeInvalidParameter || !strings.Contains(got.ErrorInfo, "Next") {
			t.Errorf("%q: got %d %q, want 100002 that names Next", next, got.ErrorCode, got.ErrorInfo)
		}
	}
}
