package rest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// foreignIs has the calls for which a RoomId of another App is something else than a room that is not there.
var foreignIs = map[string]liveapi.Code{
	"create_room":     liveapi.CodeOK,             // the id is free in this App
	"get_battle_info": liveapi.CodeBattleNotFound, // a room that is not there has none
}

// roomFieldsAt are the places where a call names the room that it is about.
var roomFieldsAt = []string{"RoomId", "RoomInfo.RoomId", "FromRoomId", "GroupId"}

func TestRoomOfAnotherAppIsNotThere(t *testing.T) {
	const other = testApp + 1
	w := newWorld(t)
	for _, cmd := range []live.Command{
		live.ConfigureApp{App: live.App{ID: other, Key: testKey, Administrators: []live.Account{testAdmin}}},
		live.CreateRoom{Room: "foreign", Type: live.RoomType},
	} {
		if _, err := w.engine.Do(t.Context(), other, live.Actor{Account: "their_owner"}, cmd); err != nil {
			t.Fatal(err)
		}
	}
	room := func() *live.Room {
		r, err := w.store.Room(t.Context(), other, "foreign")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	before, tried := room(), 0
	for _, s := range samples {
		eachField(fieldsOf(t, s.command), nil, func(path []string, _ field) {
			if !slices.Contains(roomFieldsAt, strings.Join(path, ".")) {
				return
			}
			tried++
			want := liveapi.CodeRoomNotFound
			if code, ok := foreignIs[s.command]; ok {
				want = code
			}
			if got := w.call(s.command, with(t, s.body, path, `"foreign"`)); got.ErrorCode != want {
				t.Errorf("%s: got %d %q, want %d", s.command, got.ErrorCode, got.ErrorInfo, want)
			}
			if s.command == "create_room" {
				w.ok("destroy_room", `{"RoomId":"foreign"}`)
			}
		})
	}
	if tried < len(foreignIs)+1 {
		t.Errorf("%d calls were tried; the table of places is wrong", tried)
	}
	if diff := cmp.Diff(before, room()); diff != "" {
		t.Errorf("the room of the other App (-before +after):\n%s", diff)
	}
}

func TestFieldsThatNobodyKnowsArePassedOver(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r2","RoomType":"Live"}}`) // for a battle
	for _, s := range samples {
		w.ok(s.command, with(t, s.body, []string{"NoSuchField"}, `[{"a":[null,1e9]},"\u0000"]`))
	}
}
