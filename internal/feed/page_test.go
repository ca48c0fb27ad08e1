package feed_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func TestPagesHaveEveryEventAfterAPosition(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			w.wantPage("events", nil, 0, 0)
			w.create("r1")
			w.create("r2")
			w.modify("r1", 2)
			w.modify("r2", 2)
			w.wantPage("events", []int64{1, 2, 3, 4, 5, 6}, 6, 6)
			w.wantPage("events?after=", []int64{1, 2, 3, 4, 5, 6}, 6, 6)
			w.wantPage("events?after=abcdefgh.0&limit=2", []int64{1, 2}, 2, 6)
			w.wantPage("events?after=abcdefgh.2&limit=1000", []int64{3, 4, 5, 6}, 6, 6)
			w.wantPage("events?after=abcdefgh.6", nil, 6, 6)
			w.wantPage("events?lane=r1", []int64{1, 3, 4}, 6, 6)
			w.wantPage("events?lane=r1&limit=2", []int64{1, 3}, 3, 6)
			w.wantPage("events?lane=r2&after=abcdefgh.2", []int64{5, 6}, 6, 6)
			w.wantPage("events?lane=r1/members", nil, 6, 6)
			w.forget(2)
			w.wantPage("events", []int64{3, 4, 5, 6}, 6, 6)
			w.wantPage("events?after=abcdefgh.2", []int64{3, 4, 5, 6}, 6, 6)
			w.wantPage("events?lane=r2", []int64{5, 6}, 6, 6)
			w.forget(6)
			w.wantPage("events", nil, 6, 6)
		})
	}
}

func TestAPageEndsAtOneMebibyteAndHasOneEventAtLeast(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	body := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	w.append(event("r", body(400_000)), event("r", body(400_000)), event("r", body(400_000)), event("r", body(3_000_000)), event("r", body(9)))
	w.wantPage("events", []int64{1, 2}, 2, 5)
	w.wantPage("events?after=abcdefgh.2", []int64{3}, 3, 5)
	w.wantPage("events?after=abcdefgh.3", []int64{4}, 4, 5)
	w.wantPage("events?after=abcdefgh.4", []int64{5}, 5, 5)
	w.wantPage("events?lane=r", []int64{1, 2}, 2, 5)
}

func TestAPageOfManySmallEventsIsWhole(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	var events []eventlog.Event
	for range 700 {
		events = append(events, event("r", `"`+strings.Repeat("x", 500)+`"`))
	}
	w.append(events...)
	p := w.page("events?limit=600")
	for i, seq := range p.seqs() {
		if seq != int64(i+1) {
			t.Fatalf("event %d has the number %d", i+1, seq)
		}
	}
	if len(p.Events) != 600 || p.Next != "abcdefgh.600" || p.Head != "abcdefgh.700" {
		t.Errorf("%d events, Next %s, Head %s, want 600 of 700", len(p.Events), p.Next, p.Head)
	}
}

func TestEventsHaveTheBytesOfTheLog(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			w.do(live.CreateRoom{Room: "r1", Type: live.RoomType, Owner: "<b>&\u00e9\u2028"})
			w.do(live.ModifyAdmin{Room: "r1", Accounts: []live.Account{"<i>&"}, Op: live.AddAdministrators})
			log, _, err := w.db.Read(t.Context(), testApp, 0, delivery.Page{Events: 10, Bytes: 1 << 20})
			w.must(err)
			status, text := w.get("events")
			p := w.readPage(status, text)
			if len(p.Events) != len(log) {
				t.Fatalf("%d events, want %d", len(p.Events), len(log))
			}
			for i, e := range p.Events {
				want := log[i]
				if string(e.Body) != string(want.Body) || !strings.Contains(text, `"Body":`+string(want.Body)+"}") {
					t.Errorf("body %s, want exactly %s", e.Body, want.Body)
				}
				if !strings.Contains(string(e.Body), "<") || e.RoomState != want.RoomState || e.Operator != want.Operator || e.Cause != want.Cause {
					t.Errorf("event %+v, want %+v", e, want)
				}
			}
		})
	}
}

func TestAPositionThatCannotBeReadIsGone(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			w.create("r1")
			w.modify("r1", 4)
			w.forget(2)
			for call, method := range map[string]string{
				"events?after=zzzzzzzz.3":                 http.MethodGet,
				"events?after=abcdefgh.6":                 http.MethodGet,
				"events?after=abcdefgh.1":                 http.MethodGet,
				"events?after=abcdefgh.0":                 http.MethodGet,
				"events?after=abcdefgh.0&lane=r1":         http.MethodGet,
				"events?after=abcdefgh.6&lane=no&wait=1s": http.MethodGet,
				"verify": http.MethodPost,
			} {
				status, body := w.call(request(t.Context(), method, call, `{"Log":"zzzzzzzz"}`))
				var got struct{ Error, Log, Oldest, Head string }
				if err := json.Unmarshal([]byte(body), &got); err != nil || got.Error == "" {
					t.Errorf("%s: %s, %v", call, body, err)
				}
				got.Error = ""
				want := struct{ Error, Log, Oldest, Head string }{"", "abcdefgh", "abcdefgh.2", "abcdefgh.5"}
				if diff := cmp.Diff(want, got); status != http.StatusGone || diff != "" {
					t.Errorf("%s: HTTP %d (-want +got):\n%s", call, status, diff)
				}
			}
		})
	}
}

func TestWhatIsRefusedSaysWhatToDo(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	get, post := http.MethodGet, http.MethodPost
	cases := []struct {
		name, method, call, body string
		status                   int
		says                     string
	}{
		{"another method", post, "events", "", 405, "GET"},
		{"another method of verify", get, "verify", "", 405, "POST"},
		{"another path", get, "feed", "", 404, "events, snapshot, head and verify"},
		{"no position", get, "events?after=12", "", 400, "no position"},
		{"a position of a negative number", get, "events?after=abcdefgh.-1", "", 400, "no position"},
		{"a position with a zero before it", get, "events?after=abcdefgh.01", "", 400, "no position"},
		{"a misspelt parameter", get, "events?afer=abcdefgh.1", "", 400, `"afer", which is not taken here; beside who calls there may be after, limit, wait, lane`},
		{"a parameter of another call", get, "snapshot?lane=r1", "", 400, "lane"},
		{"a parameter of head", get, "head?after=abcdefgh.1", "", 400, "after"},
		{"a parameter of verify", post, "verify?log=abcdefgh", `{"Log":"abcdefgh"}`, 400, "log"},
		{"a parameter twice", get, "events?after=abcdefgh.1&after=abcdefgh.2", "", 400, "more than once"},
		{"limit 0", get, "events?limit=0", "", 400, "limit"},
		{"limit 1001", get, "snapshot?limit=1001", "", 400, "limit"},
		{"a long wait", get, "events?wait=61s", "", 400, "wait"},
		{"a wait without a unit", get, "events?wait=30", "", 400, "wait"},
		{"a negative wait", get, "events?wait=-1s", "", 400, "wait"},
		{"no lane", get, "events?lane=a/b", "", 400, "lane"},
		{"no mark of a snapshot", get, "snapshot?after=r1!", "", 400, "Next"},
		{"a redelivery", get, "head?reader=redelivery-1", "", 400, "redelivery"},
		{"no name of a reader", get, "head?reader=A%20b", "", 400, "reader"},
		{"a reader of nobody", get, "head?reader=endpoint-audit", "", 404, "no such reader"},
		{"no JSON", post, "verify", "{", 400, "JSON"},
		{"another key", post, "verify", `{"log":"abcdefgh","Rooms":[]}`, 400, "JSON"},
		{"two objects", post, "verify", `{"Log":"abcdefgh"}{}`, 400, "something follows"},
		{"no log", post, "verify", `{"Lanes":[]}`, 400, "Log"},
		{"no lane to verify", post, "verify", `{"Log":"abcdefgh","Lanes":[{"Lane":"r1"},{"Lane":"/"}]}`, 400, "Lanes[1].Lane"},
		{"a negative number", post, "verify", `{"Log":"abcdefgh","Lanes":[{"Lane":"r1","RoomSeq":-1}]}`, 400, "Lanes[0].RoomSeq"},
		{"many lanes", post, "verify", `{"Log":"abcdefgh","Lanes":[{}` + strings.Repeat(",{}", 1000) + `]}`, 400, "1000"},
		{"a long body", post, "verify", strings.Repeat(" ", 256<<10+1), 413, "256 KiB"},
		{"invalid UTF-8", post, "verify", "\xff", 400, "UTF-8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, body := w.call(request(t.Context(), c.method, c.call, c.body))
			var got struct{ Error string }
			if err := json.Unmarshal([]byte(body), &got); err != nil || status != c.status || !strings.Contains(got.Error, c.says) {
				t.Errorf("answer %d %s, want %d with %q", status, body, c.status, c.says)
			}
		})
	}
}

func TestOnlyWhoProvesToBeOfTheAppReadsIt(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	for _, call := range []string{"events", "snapshot", "head"} {
		req := request(t.Context(), http.MethodGet, call, "")
		req.Header.Set("Authorization", "Bearer fedcba9876543210")
		if status, body := w.call(req); status != http.StatusUnauthorized {
			t.Errorf("%s with a token of nobody: %d %s", call, status, body)
		}
		req.Header.Del("Authorization")
		if status, body := w.call(req); status != http.StatusBadRequest {
			t.Errorf("%s without identifier: %d %s", call, status, body)
		}
	}
	for _, call := range []string{"events", "snapshot", "head", "verify"} {
		method, body := http.MethodGet, ""
		if call == "verify" {
			method, body = http.MethodPost, `{"Log":"`+testLog+`"}`
		}
		req := request(t.Context(), method, call, body)
		req.Header.Set("Authorization", "Bearer "+readToken)
		if status, body := w.call(req); status != http.StatusOK {
			t.Errorf("%s with a token that may read: %d %s", call, status, body)
		}
	}
	req := request(t.Context(), http.MethodGet, "events", "")
	req.Header.Set("Content-Encoding", "gzip")
	if status, _ := w.call(req); status != http.StatusBadRequest {
		t.Errorf("a compressed call is answered %d, want 400", status)
	}
}
