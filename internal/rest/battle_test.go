package rest

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// fight is a world with the rooms r1 to r4 in which r1 has started a battle of a minute with r2 and r3.
func fight(t *testing.T) (w *world, id string) {
	t.Helper()
	w = newWorld(t)
	for _, room := range []string{"r1", "r2", "r3", "r4"} {
		w.ok("create_room", `{"RoomInfo":{"RoomId":"`+room+`","RoomType":"Live","Owner_Account":"owner of `+room+`"}}`)
	}
	return w, w.battle(`{"FromRoomId":"r1","ToRoomIdList":["r2","r3"],"Duration":60000}`)
}

func (w *world) battle(body string) (id string) {
	w.t.Helper()
	var made liveapi.CreateBattleResponse
	if err := json.Unmarshal([]byte(w.ok("create_battle", body)), &made); err != nil {
		w.t.Fatal(err)
	}
	return made.BattleID
}

func (w *world) wants(command, body, want string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.ok(command, body)); diff != "" {
		w.t.Errorf("%s %s (-want +got):\n%s", command, body, diff)
	}
}

func TestBattleIsReadAsItsScoresAreSet(t *testing.T) {
	w, id := fight(t)
	steps := []struct{ op, scores, results, want string }{
		{`1`, `{"RoomId":"r1","Score":5}`, `{"RoomId":"r1","ResultCode":0}`, "5 0 0"},
		{`"1"`, `{"RoomId":"r1","Score":5},{"RoomId":"r2","Score":-7}`, `{"RoomId":"r1","ResultCode":0},{"RoomId":"r2","ResultCode":0}`, "10 -7 0"},
		{`2`, `{"RoomId":"r1","Score":1},{"RoomId":"r4","Score":1}`, `{"RoomId":"r1","ResultCode":0},{"RoomId":"r4","ResultCode":1}`, "1 -7 0"},
		{`"2"`, `{"RoomId":"none","Score":1}`, `{"RoomId":"none","ResultCode":1}`, "1 -7 0"},
	}
	for _, s := range steps {
		w.wants("set_battle_score", `{"BattleId":"`+id+`","OpType":`+s.op+`,"ScoreList":[`+s.scores+`]}`, `{"Result":[`+s.results+`]}`)
		for _, question := range []string{`{"BattleId":"` + id + `"}`, `{"BattleId":"","RoomId":"r3"}`, `{"RoomId":"r1"}`, `{"BattleId":"` + id + `","RoomId":"r4"}`} {
			got := battleOf(t, w, question)
			if got.StartTime == 0 || got.EndTime != got.StartTime+60 {
				t.Errorf("from %d to %d, want 60 seconds", got.StartTime, got.EndTime)
			}
			got.StartTime, got.EndTime = 0, 0
			scores := strings.Fields(s.want)
			room := func(i int) liveapi.BattleRoom {
				var score int64
				if err := json.Unmarshal([]byte(scores[i]), &score); err != nil {
					t.Fatal(err)
				}
				name := "r" + string(rune('1'+i))
				return liveapi.BattleRoom{RoomID: name, Score: score, OwnerAccount: "owner of " + name}
			}
			want := liveapi.GetBattleInfoResponse{
				BattleID: id, Duration: 60_000, Status: liveapi.BattleRunning, FromRoomInfo: room(0), ToRoomList: []liveapi.BattleRoom{room(1), room(2)},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("get_battle_info %s (-want +got):\n%s", question, diff)
			}
		}
	}
}

func battleOf(t *testing.T, w *world, question string) (info liveapi.GetBattleInfoResponse) {
	t.Helper()
	if err := json.Unmarshal([]byte(w.ok("get_battle_info", question)), &info); err != nil {
		t.Fatal(err)
	}
	return info
}

func TestOneRoomToBattleWithMayBeAString(t *testing.T) {
	w, _ := fight(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r5","RoomType":"Live"}}`)
	body := w.ok("create_battle", `{"FromRoomId":"r4","ToRoomIdList":"r5","Duration":1}`)
	if want := `"Result":[{"RoomId":"r5","ResultCode":0,"ResultMessage":""}]}`; !strings.HasSuffix(body, want) {
		t.Errorf("got %s, want it to end with %s", body, want)
	}
}

func TestEveryDocumentedRefusalOfBattles(t *testing.T) {
	w, id := fight(t)
	other := string(live.NewBattleID([16]byte{9}, "r1"))
	nowhere := string(live.NewBattleID([16]byte{}, "none"))
	score := func(id, op string) string {
		return `{"BattleId":"` + id + `","OpType":` + op + `,"ScoreList":[{"RoomId":"r1","Score":1}]}`
	}
	cases := []struct {
		command, body string
		want          liveapi.Code
	}{
		{"create_battle", `{"FromRoomId":"none","ToRoomIdList":["r4"],"Duration":1}`, liveapi.CodeRoomNotFound},
		{"create_battle", `{"FromRoomId":"r1","ToRoomIdList":["r4"],"Duration":1}`, liveapi.CodeRoomInBattle},
		{"create_battle", `{"FromRoomId":"r2","ToRoomIdList":["r4"],"Duration":1}`, liveapi.CodeRoomInBattle},
		{"create_battle", `{"FromRoomId":"r4","ToRoomIdList":["r1","r2","none"],"Duration":1}`, liveapi.CodeNobodyToBattle},
		{"create_battle", `{"FromRoomId":"r4","ToRoomIdList":["r4"],"Duration":1}`, liveapi.CodeInvalidParameter},
		{"create_battle", `{"FromRoomId":"r4","ToRoomIdList":["r1"],"Duration":300001}`, liveapi.CodeInvalidParameter},
		{"set_battle_score", score(other, "1"), liveapi.CodeBattleNotFound},
		{"set_battle_score", score(nowhere, "1"), liveapi.CodeBattleNotFound},
		{"set_battle_score", score("HuYM/+==", "1"), liveapi.CodeBattleNotFound},
		{"set_battle_score", score(id+"\\n", "1"), liveapi.CodeBattleNotFound},
		{"set_battle_score", score(id, `"add"`), liveapi.CodeInvalidParameter},
		{"set_battle_score", score(id, `3`), liveapi.CodeInvalidParameter},
		{"set_battle_score", score(id, `"0"`), liveapi.CodeInvalidParameter},
		{"set_battle_score", score(id, `""`), liveapi.CodeInvalidParameter},
		{"get_battle_info", `{"BattleId":"` + other + `"}`, liveapi.CodeBattleNotFound},
		{"get_battle_info", `{"BattleId":"` + nowhere + `"}`, liveapi.CodeBattleNotFound},
		{"get_battle_info", `{"BattleId":"HuYM"}`, liveapi.CodeBattleNotFound},
		{"get_battle_info", `{"BattleId":"","RoomId":"r4"}`, liveapi.CodeBattleNotFound},
		{"get_battle_info", `{"BattleId":"","RoomId":"none"}`, liveapi.CodeRoomNotFound},
		{"get_battle_info", `{"BattleId":"","RoomId":""}`, liveapi.CodeInvalidParameter},
		{"get_battle_info", `{}`, liveapi.CodeInvalidParameter},
	}
	for _, c := range cases {
		if got := w.call(c.command, c.body); got.ErrorCode != c.want {
			t.Errorf("%s %s: got %d %q, want %d", c.command, c.body, got.ErrorCode, got.ErrorInfo, c.want)
		}
	}
}

func TestBattleCanBeReadAfterItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, id := fight(t)
		questions := []string{`{"BattleId":"` + id + `"}`, `{"BattleId":"","RoomId":"r2"}`}
		score := `{"BattleId":"` + id + `","OpType":1,"ScoreList":[{"RoomId":"r1","Score":1}]}`
		w.ok("set_battle_score", score)
		check := func(status int64) {
			t.Helper()
			for _, q := range questions {
				if got := battleOf(t, w, q); got.Status != status || got.EndTime != got.StartTime+60 || got.FromRoomInfo.Score != 1 {
					t.Errorf("%s: got %+v, want the status %d, 60 seconds and a score of 1", q, got, status)
				}
			}
		}
		check(liveapi.BattleRunning)
		time.Sleep(time.Minute)
		check(liveapi.BattleEnded) // by the clock alone
		if got := w.call("set_battle_score", score); got.ErrorCode != liveapi.CodeBattleOver {
			t.Errorf("a score after the end: got %d %q, want 100421", got.ErrorCode, got.ErrorInfo)
		}
		end := func() {
			t.Helper()
			look := live.OnDue(live.EndedBattle("r1", live.BattleID(id)))
			if _, err := w.engine.Do(t.Context(), testApp, live.Actor{Account: live.SystemAccount}, look); err != nil {
				t.Fatal(err)
			}
		}
		end()
		check(liveapi.BattleEnded)
		if got := w.call("set_battle_score", score); got.ErrorCode != liveapi.CodeBattleOver {
			t.Errorf("a score after the end was reported: got %d %q, want 100421", got.ErrorCode, got.ErrorInfo)
		}
		time.Sleep(live.KeepBattles)
		end()
		for _, q := range questions {
			if got := w.call("get_battle_info", q); got.ErrorCode != liveapi.CodeBattleNotFound {
				t.Errorf("%s an hour later: got %d %q, want 100411", q, got.ErrorCode, got.ErrorInfo)
			}
		}
		if got := w.call("set_battle_score", score); got.ErrorCode != liveapi.CodeBattleNotFound {
			t.Errorf("a score an hour later: got %d %q, want 100411", got.ErrorCode, got.ErrorInfo)
		}
	})
}

// The room that started a battle has it no more when it is destroyed, and not in its next life either: the others are free.
func TestRoomsOfADanglingBattleAreFree(t *testing.T) {
	for _, again := range []bool{false, true} {
		w, id := fight(t)
		w.ok("destroy_room", `{"RoomId":"r1"}`)
		if again {
			w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
		}
		for _, q := range []string{`{"BattleId":"` + id + `"}`, `{"BattleId":"","RoomId":"r2"}`} {
			if got := w.call("get_battle_info", q); got.ErrorCode != liveapi.CodeBattleNotFound {
				t.Errorf("%s: got %d %q, want 100411", q, got.ErrorCode, got.ErrorInfo)
			}
		}
		if again {
			next := w.ok("create_battle", `{"FromRoomId":"r1","ToRoomIdList":["r2"],"Duration":60000}`)
			if !strings.Contains(next, `{"RoomId":"r2","ResultCode":0,`) {
				t.Errorf("got %s, want r2 to take part", next)
			}
			continue
		}
		w.ok("create_battle", `{"FromRoomId":"r2","ToRoomIdList":["r3"],"Duration":60000}`)
		if got := w.call("create_battle", `{"FromRoomId":"r4","ToRoomIdList":["r2","r3"],"Duration":60000}`); got.ErrorCode != liveapi.CodeNobodyToBattle {
			t.Errorf("r2 and r3 are in a battle: got %d %q, want 100412", got.ErrorCode, got.ErrorInfo)
		}
	}
}

// A caller who did not hear the answer asks again, and is told the same battle.
func TestBattleUnderAKeyIsStartedOnce(t *testing.T) {
	w, _ := fight(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r5","RoomType":"Live"}}`)
	ask := func(body string) answer {
		req := newRequest(t, "/v4/live_engine_http_pk/create_battle", body)
		req.Header.Set(liveapi.HeaderIdempotencyKey, "key")
		return send(t, w.handler, req)
	}
	const body = `{"FromRoomId":"r4","ToRoomIdList":["r5","r2"],"Duration":60000}`
	first, again := ask(body), ask(body)
	if first.ErrorCode != liveapi.CodeOK {
		t.Fatalf("got %d %q, want 0", first.ErrorCode, first.ErrorInfo)
	}
	if diff := cmp.Diff(string(first.Response), string(again.Response)); diff != "" {
		t.Errorf("the second answer (-first +second):\n%s", diff)
	}
	if got := ask(strings.Replace(body, "60000", "60001", 1)); got.ErrorCode != liveapi.CodeInvalidParameter {
		t.Errorf("another call under the key: got %d, want 100002", got.ErrorCode)
	}
}
