package feed

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/wire"
)

// FuzzAsk looks for queries that ask for more than may be asked for, and positions with two texts.
func FuzzAsk(f *testing.F) {
	f.Add("after=abcdefgh.12&limit=100&wait=30s&lane=r1", "", "")
	f.Add("after=abcdefgh.12&lane=%40app", "text/event-stream", "abcdefgh.13")
	f.Add("limit=1001&wait=1h&after=abcdefgh.9223372036854775808", "*/*,text/event-stream;q=0.1", "x")
	f.Add("wait=-1s&lane=r1/members&after=.", "text/event-stream", "abcdefgh.+1")
	f.Fuzz(func(t *testing.T, raw, accept, id string) {
		query, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		a, err := parseAsk(query, http.Header{"Accept": {accept}, "Last-Event-Id": {id}})
		if err != nil {
			return
		}
		if a.limit < 1 || a.limit > maxLimit || a.wait < 0 || a.wait > maxWait || a.stream && !strings.Contains(strings.ToLower(accept), streamType) {
			t.Fatalf("%q asks for %+v", raw, a)
		}
		text := query.Get("after")
		if a.stream && id != "" {
			text = id
		}
		if text != "" && (a.after.String() != text || a.after.Seq < 0) {
			t.Fatalf("%q was read as the position %s", text, a.after)
		}
		if a.lane != "" {
			if again, err := wire.ParseLane(wire.LaneText(a.lane)); err != nil || again != a.lane {
				t.Fatalf("lane %q is read again as %q, %v", a.lane, again, err)
			}
		}
	})
}

// FuzzClaims looks for bodies that are taken and cannot be looked up.
func FuzzClaims(f *testing.F) {
	for _, body := range []string{``, `{}`, `{"Log":"abcdefgh","Lanes":[{"Lane":"r1","RoomSeq":12},{"Lane":"@app"}]}`, `{"Log":"abcdefgh","Lanes":null}`, `[]`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, lanes, err := parseClaims(body)
		if err != nil {
			return
		}
		if len(lanes) != len(c.Lanes) || len(lanes) > maxLanes || c.Log == "" {
			t.Fatalf("%q was read as %+v with %d lanes", body, c, len(lanes))
		}
		for i, lane := range lanes {
			if lane == "" || strings.ContainsRune(string(lane), 0) || c.Lanes[i].RoomSeq < 0 {
				t.Fatalf("%q names the lane %q with the number %d", body, lane, c.Lanes[i].RoomSeq)
			}
		}
	})
}

// FuzzRoomMark looks for marks of a snapshot that are no room.
func FuzzRoomMark(f *testing.F) {
	f.Add(roomMark("r1"))
	f.Add("!")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := parseRoomMark(text)
		if err == nil && id != "" && id.Check() != nil {
			t.Fatalf("%q was read as the room %q", text, id)
		}
	})
}
