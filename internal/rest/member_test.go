package rest

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

const createR1 = `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","Owner_Account":"owner"}}`

// enter lets somebody into r1, for which there is no call.
func (w *world) enter(a live.Account) {
	w.t.Helper()
	if _, err := w.engine.Do(w.t.Context(), testApp, live.Actor{Account: a}, live.EnterRoom{Room: "r1", Account: a}); err != nil {
		w.t.Error(err)
	}
}

func (w *world) leave(a live.Account) {
	w.t.Helper()
	if _, err := w.engine.Do(w.t.Context(), testApp, live.Actor{Account: a}, live.LeaveRoom{Room: "r1", Account: a}); err != nil {
		w.t.Fatal(err)
	}
}

// ask makes a call that must succeed and decodes its payload.
func ask[T any](w *world, command, body string) T {
	w.t.Helper()
	var payload T
	if err := json.Unmarshal([]byte(w.ok(command, body)), &payload); err != nil {
		w.t.Fatal(err)
	}
	return payload
}

func membersAfter(w *world, next string) liveapi.GetMemberListResponse {
	w.t.Helper()
	return ask[liveapi.GetMemberListResponse](w, "get_member_list", fmt.Sprintf(`{"RoomId":"r1","Next":%q}`, next))
}

// Whoever is there all the time is on exactly one page, whatever the others do, and a page can be asked for again.
func TestMembersAreListedInPages(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", createR1)
	if got := w.ok("get_member_list", `{"RoomId":"r1","Next":"0"}`); got != `{"Next":"","MemberCount":0,"MemberList":[]}` {
		t.Errorf("got %s, want an empty page", got)
	}
	w.enter("0")                // an account that looks like a start
	var entering sync.WaitGroup // together, because so many are let in together
	for i := range 2*membersOfPage - 1 {
		entering.Go(func() { w.enter(live.Account(fmt.Sprintf("m%03d", i))) })
	}
	entering.Wait()
	first := membersAfter(w, "")
	if diff := cmp.Diff(first, membersAfter(w, "0")); diff != "" {
		t.Errorf(`the page after "0" is another one (-"" +"0"):%s`, diff)
	}
	w.leave("0")
	w.leave(live.Account(first.MemberList[membersOfPage-1].MemberAccount)) // whom Next names
	w.enter("a new one")
	second := membersAfter(w, first.Next)
	if diff := cmp.Diff(second, membersAfter(w, first.Next)); diff != "" {
		t.Errorf("the second page again (-before +after):%s", diff)
	}
	if first.MemberCount != 200 || second.MemberCount != 199 || len(first.MemberList) != 100 || len(second.MemberList) != 100 || second.Next != "" {
		t.Errorf("got %d of %d, then %d of %d and Next %q, want 100 of 200, 100 of 199 and the end",
			len(first.MemberList), first.MemberCount, len(second.MemberList), second.MemberCount, second.Next)
	}
	if got := second.MemberList[0].MemberAccount; got != "m099" {
		t.Errorf("the second page begins with %s, want m099", got)
	}
	for _, next := range []string{"1", "m099", first.Next + "=", "AA", "____"} {
		if got := w.call("get_member_list", fmt.Sprintf(`{"RoomId":"r1","Next":%q}`, next)); got.ErrorCode != liveapi.CodeInvalidParameter {
			t.Errorf("Next %q: got %d %s, want it refused", next, got.ErrorCode, got.ErrorInfo)
		}
	}
}

func TestBansAreListedWhileTheyLast(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.handler.now = func() time.Time { return now }
	w.ok("create_room", createR1)
	for i := range 5 {
		w.ok("ban_member", fmt.Sprintf(`{"RoomId":"r1","MemberList_Account":["b%d"],"Duration":%d,"Reason":"r%d"}`, i, 1000*(1+i%2), i))
	}
	list := func(body string) (accounts []string, next int64) {
		t.Helper()
		got := ask[liveapi.GetBannedMemberListResponse](w, "get_banned_member_list", body)
		for _, b := range got.BannedAccountList {
			accounts = append(accounts, b.MemberAccount+b.Reason)
			if left := b.BannedUntil - now.Unix(); left < 1 || left > 2001 {
				t.Errorf("the ban of %s lasts %d s", b.MemberAccount, left)
			}
		}
		return accounts, got.NextOffset
	}
	check := func(body string, next int64, want ...string) {
		t.Helper()
		got, gotNext := list(body)
		if diff := cmp.Diff(want, got); diff != "" || gotNext != next {
			t.Errorf("%s: NextOffset %d, want %d; (-want +got):\n%s", body, gotNext, next, diff)
		}
	}
	check(`{"RoomId":"r1"}`, 0, "b0r0", "b1r1", "b2r2", "b3r3", "b4r4")
	check(`{"RoomId":"r1","Limit":5}`, 0, "b0r0", "b1r1", "b2r2", "b3r3", "b4r4")
	check(`{"RoomId":"r1","Limit":2}`, 2, "b0r0", "b1r1")
	check(`{"RoomId":"r1","Limit":2,"Offset":2}`, 4, "b2r2", "b3r3")
	check(`{"RoomId":"r1","Limit":2,"Offset":4}`, 0, "b4r4")
	check(`{"RoomId":"r1","Limit":2,"Offset":9}`, 0)
	w.ok("unban_member", `{"RoomId":"r1","MemberList_Account":["b1","b9"]}`)
	now = now.Add(1500 * time.Second) // those with an even number are over
	check(`{"RoomId":"r1","Limit":1}`, 0, "b3r3")
	now = now.Add(time.Hour)
	if got := w.ok("get_banned_member_list", `{"RoomId":"r1"}`); got != `{"BannedAccountList":[],"NextOffset":0}` {
		t.Errorf("got %s, want nothing", got)
	}
}

func TestMutesAreListedWhileTheyLast(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.handler.now = func() time.Time { return now }
	w.ok("create_room", createR1)
	w.ok("mute_member", `{"RoomId":"r1","MemberList_Account":["c","a","b"],"MuteTime":1000}`)
	w.ok("mute_member", `{"RoomId":"r1","MemberList_Account":["b"],"MuteTime":0}`)
	w.ok("mute_member", `{"RoomId":"r1","MemberList_Account":["c"],"MuteTime":5000}`)
	list := func() (accounts []string) {
		for _, m := range ask[liveapi.GetMutedMemberListResponse](w, "get_muted_member_list", `{"RoomId":"r1"}`).MutedAccountList {
			accounts = append(accounts, m.MemberAccount)
		}
		return accounts
	}
	if diff := cmp.Diff([]string{"a", "c"}, list()); diff != "" {
		t.Errorf("muted (-want +got):\n%s", diff)
	}
	now = now.Add(2000 * time.Second)
	if diff := cmp.Diff([]string{"c"}, list()); diff != "" {
		t.Errorf("muted later (-want +got):\n%s", diff)
	}
}

// A list that is longer than what is read at a time is read on.
func TestLongListsAreReadInParts(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", createR1)
	const mutes = lookedAt + 30
	for i := 0; i < mutes; i += live.MaxMembersOfCall {
		var accounts []live.Account
		for j := i; j < min(i+live.MaxMembersOfCall, mutes); j++ {
			accounts = append(accounts, live.Account(fmt.Sprintf("m%05d", j)))
		}
		cmd := live.MuteMembers{Room: "r1", Accounts: accounts, Seconds: 1000}
		if _, err := w.engine.Do(t.Context(), testApp, live.Actor{Account: "a"}, cmd); err != nil {
			t.Fatal(err)
		}
	}
	got := ask[liveapi.GetMutedMemberListResponse](w, "get_muted_member_list", `{"RoomId":"r1"}`).MutedAccountList
	if len(got) != mutes || got[mutes-1].MemberAccount != "m00529" {
		t.Errorf("got %d mutes, want %d", len(got), mutes)
	}
}

func TestRoomsAreAnsweredWithTheirCounters(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", createR1)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r2","RoomType":"Live"}}`)
	w.enter("a")
	w.enter("b")
	w.leave("b")
	w.enter("b")
	w.ok("ban_member", `{"RoomId":"r1","MemberList_Account":["a"],"Duration":9}`)
	type counters struct{ ViewCount, MemberCount, OnlineCount, Popularity int64 }
	want := map[string]counters{"r1": {3, 1, 1, 3}, "r2": {}}
	listed := map[string]counters{}
	for _, r := range ask[liveapi.GetRoomListResponse](w, "get_room_list", `{"Next":"","Count":20}`).RoomList {
		listed[r.RoomID] = counters{r.ViewCount, r.MemberCount, r.OnlineCount, r.Popularity}
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("get_room_list (-want +got):\n%s", diff)
	}
	r := ask[liveapi.GetRoomInfoResponse](w, "get_room_info", `{"RoomId":"r1"}`).RoomInfo
	if diff := cmp.Diff(want["r1"], counters{r.ViewCount, r.MemberCount, r.OnlineCount, r.Popularity}); diff != "" {
		t.Errorf("get_room_info (-want +got):\n%s", diff)
	}
	if got := w.ok("destroy_room", `{"RoomId":"r1"}`); got != `{"Statistic":{"TotalViewers":3,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}` {
		t.Errorf("destroy_room answered %s", got)
	}
}

func TestCallsAboutMembersOfNoRoomAreRefused(t *testing.T) {
	w := newWorld(t)
	for command, body := range map[string]string{
		"get_member_list": `"Next":""`, "ban_member": `"MemberList_Account":["a"],"Duration":1`, "unban_member": `"MemberList_Account":["a"]`,
		"get_banned_member_list": `"Offset":0`, "mute_member": `"MemberList_Account":["a"],"MuteTime":1`, "get_muted_member_list": `"x":0`,
		"add_robot": `"RobotList_Account":["a"]`, "del_robot": `"RobotList_Account":["a"]`, "get_robot": `"x":0`,
	} {
		for room, want := range map[string]liveapi.Code{"r1": liveapi.CodeRoomNotFound, "no room": liveapi.CodeInvalidParameter} {
			if got := w.call(command, fmt.Sprintf(`{"RoomId":%q,%s}`, room, body)); got.ErrorCode != want {
				t.Errorf("%s of %q: got %d %s, want %d", command, room, got.ErrorCode, got.ErrorInfo, want)
			}
		}
	}
}
