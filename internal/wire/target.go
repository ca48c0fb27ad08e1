package wire

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// withoutClient are the commands whose page has neither ClientIP nor OptPlatform. Spec: callbacks 1.2.
var withoutClient = map[string]bool{
	string(callback.CommandAfterModifyAdmin):        true,
	string(callback.CommandAfterChangeOwner):        true,
	string(callback.CommandAfterMemberStateChanged): true,
}

// URL is where one attempt is sent: the configured URL with the documented parameters in their order. A token that is
// not empty adds Sign and RequestTime for the time now, so every attempt has a URL of its own.
func URL(base string, app live.AppID, e *eventlog.Event, token string, now time.Time) string {
	base, _, _ = strings.Cut(base, "#")
	b := make([]byte, 0, len(base)+256)
	b = append(b, base...)
	switch {
	case !strings.Contains(base, "?"):
		b = append(b, '?')
	case !strings.HasSuffix(base, "?") && !strings.HasSuffix(base, "&"):
		b = append(b, '&')
	}
	b = append(b, "SdkAppid="...)
	b = strconv.AppendUint(b, uint64(app), 10)
	b = append(b, "&CallbackCommand="...)
	b = append(b, url.QueryEscape(e.Command)...)
	b = append(b, "&contenttype=json"...)
	if !withoutClient[e.Command] {
		b = append(b, "&ClientIP="...)
		b = append(b, url.QueryEscape(e.ClientIP)...)
		b = append(b, "&OptPlatform="...)
		b = append(b, url.QueryEscape(e.Platform)...)
	}
	if token != "" {
		b = append(b, "&Sign="...)
		b = append(b, callback.Sign(token, now.Unix())...)
		b = append(b, "&RequestTime="...)
		b = strconv.AppendInt(b, now.Unix(), 10)
	}
	return string(b)
}

// Attempt is what one attempt of an event tells beside the event.
type Attempt struct {
	// Number is 1 for the first.
	Number int
	// Skipped is the range of the lane that was given up or discarded before the event; To 0: none.
	Skipped eventlog.Skip
	// Replay is set when a person asked for the event to be sent again.
	Replay bool
	// Signer signs headers and body for the time At; nil: nothing is signed.
	Signer *callback.Signer
	At     time.Time
}

// Header has the headers of one attempt of an event.
func Header(app live.AppID, log string, e *eventlog.Event, a Attempt) http.Header {
	const most = 18
	h := make(http.Header, most)
	set := func(name, value string) { h[name] = []string{value} }
	set("Content-Type", "application/json")
	set("User-Agent", "Callboard")
	set(callback.HeaderEventID, EventID(app, log, e.Seq))
	set(callback.HeaderLog, log)
	set(callback.HeaderSeq, strconv.FormatInt(e.Seq, 10))
	set(callback.HeaderPrev, strconv.FormatInt(e.Prev, 10))
	set(callback.HeaderLane, LaneText(e.Lane))
	set(callback.HeaderRoomSeq, strconv.FormatInt(e.RoomSeq, 10))
	set(callback.HeaderRoomPrev, strconv.FormatInt(e.RoomPrev, 10))
	if e.RoomState != "" {
		set(callback.HeaderRoomState, e.RoomState)
	}
	set(callback.HeaderAttempt, strconv.Itoa(a.Number))
	if a.Skipped.To != 0 {
		set(callback.HeaderSkipped, strconv.FormatInt(a.Skipped.From, 10)+"-"+strconv.FormatInt(a.Skipped.To, 10))
	}
	if a.Replay {
		set(callback.HeaderReplay, "true")
	}
	if e.Cause != "" {
		set(callback.HeaderCause, e.Cause)
	}
	if a.Signer != nil {
		a.Signer.Sign(h, e.Body, a.At)
	}
	return h
}

// EventID names an event everywhere: <sdkappid>-<log>-<seq>.
func EventID(app live.AppID, log string, seq int64) string {
	return app.String() + "-" + log + "-" + strconv.FormatInt(seq, 10)
}
