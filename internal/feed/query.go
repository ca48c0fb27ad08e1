package feed

import (
	"encoding/base64"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

const (
	standardLimit = 100
	maxLimit      = 1000
	maxWait       = time.Minute
	streamType    = "text/event-stream"
)

// ask is what a call of events asks for.
type ask struct {
	after  Position // the zero value: from the oldest event
	lane   eventlog.Lane
	limit  int
	wait   time.Duration
	stream bool
}

func parseAsk(query url.Values, header http.Header) (ask, error) {
	a := ask{stream: accepts(header, streamType)}
	after := query.Get("after")
	if id := header.Get("Last-Event-Id"); a.stream && id != "" { // where a stream was cut off
		after = id
	}
	var err error
	if after != "" {
		if a.after, err = ParsePosition(after); err != nil {
			return ask{}, call.BadRequest("after in the query, or Last-Event-ID: %v", err)
		}
	}
	if a.limit, err = parseLimit(query); err != nil {
		return ask{}, err
	}
	if text := query.Get("wait"); text != "" {
		if a.wait, err = time.ParseDuration(text); err != nil || a.wait < 0 || a.wait > maxWait {
			return ask{}, call.BadRequest("wait in the query must be a duration from 0 to 60s, such as 30s")
		}
	}
	if text := query.Get("lane"); text != "" {
		if a.lane, err = wire.ParseLane(text); err != nil {
			return ask{}, call.BadRequest("lane in the query: %v", err)
		}
	}
	return a, nil
}

func parseLimit(query url.Values) (int, error) {
	text := query.Get("limit")
	if text == "" {
		return standardLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, call.BadRequest("limit in the query must be a number from 1 to %d; without it, it is %d", maxLimit, standardLimit)
	}
	return n, nil
}

// accepts tells whether a caller names a media type among those that it takes.
func accepts(header http.Header, want string) bool {
	for _, list := range header.Values("Accept") {
		for one := range strings.SplitSeq(list, ",") {
			if kind, _, err := mime.ParseMediaType(one); err == nil && kind == want {
				return true
			}
		}
	}
	return false
}

// roomMark is the text by which a page of rooms is asked for after a room: callers do not look into it.
func roomMark(id live.RoomID) string { return base64.RawURLEncoding.EncodeToString([]byte(id)) }

// parseRoomMark is the inverse; an empty text is before all rooms.
func parseRoomMark(text string) (live.RoomID, error) {
	if text == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	id := live.RoomID(raw)
	if err != nil || id.Check() != nil {
		return "", call.BadRequest("after in the query must be Next of the page of the snapshot before, as it was")
	}
	return id, nil
}
