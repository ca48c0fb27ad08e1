package bench

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// What the ceilings send must be what the server sends, or the comparison is worth nothing.
func TestBodyIsByteForByteThatOfTheServer(t *testing.T) {
	for _, change := range []toggle{{account: "u12"}, {account: "x9", gone: true}} {
		op := live.AddAdministrators
		if change.gone {
			op = live.DeleteAdministrators
		}
		want, err := wire.Body(&live.Event{Room: "r5", Change: live.AdministratorsModified{
			Accounts: []live.Account{live.Account(change.account)}, Op: op,
		}}, administrator, 1_700_000_000_123)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(change.body("r5", 1_700_000_000_123))); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
	}
}

// seen is a request without what differs from connection to connection.
type seen struct {
	URL    string
	Header http.Header
	Body   string
}

func TestEverySenderPostsTheSameRequest(t *testing.T) {
	got := make(chan seen, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got <- seen{URL: r.URL.String(), Header: r.Header.Clone(), Body: string(body)}
		_, _ = io.WriteString(w, okAnswer)
	}))
	defer s.Close()
	e := events(2)[1]
	requests := map[string]seen{}
	for _, client := range clients {
		posters, done, err := newPosters(client, s.URL+"/callback", 1)
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		if err := posters[0].post(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		requests[client] = <-got
	}
	for _, client := range clients[1:] {
		if diff := cmp.Diff(requests[clientShipped], requests[client]); diff != "" {
			t.Errorf("%s against the shipped sender (-want +got):\n%s", client, diff)
		}
	}
	if len(requests[clientShipped].Header) < 12 {
		t.Errorf("only %d headers were sent", len(requests[clientShipped].Header))
	}
}

func TestEventsOfALaneAreNumberedAsTheServerDoes(t *testing.T) {
	var lane eventlog.LaneState
	now := time.UnixMilli(1_700_000_000_000)
	type numbers struct{ Seq, Prev, RoomSeq, RoomPrev int64 }
	var got []numbers
	for seq := range int64(3) {
		e := toggle{account: "x1"}.event("r1", &lane, 10+seq, now)
		got = append(got, numbers{e.Seq, e.Prev, e.RoomSeq, e.RoomPrev})
	}
	want := []numbers{{10, 9, 1, 0}, {11, 10, 2, 1}, {12, 11, 3, 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

func TestFieldIsFoundInCompactJSON(t *testing.T) {
	body := toggle{account: "u1"}.body("r2", 5)
	for _, c := range []struct{ before, want string }{
		{`"RoomId":"`, "r2"}, {`"Admin_Account":["`, "u1"}, {`"opType":"`, "add"}, {`"Missing":"`, ""},
	} {
		if got := string(field(body, c.before)); got != c.want {
			t.Errorf("field %s: %q, want %q", c.before, got, c.want)
		}
	}
	if got := field([]byte(`{"RoomId":"r2`), `"RoomId":"`); got != nil {
		t.Errorf("a text that does not end: %q, want none", got)
	}
}
