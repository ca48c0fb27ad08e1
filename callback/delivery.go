package callback

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// The headers that Callboard adds to a callback. A number is decimal and not negative.
const (
	// HeaderEventID names the event: SDKAppID, log and seq, joined with hyphens.
	HeaderEventID = "Callboard-Event-Id"
	// HeaderLog is the id of the App's log, 8 letters of a-z and 2-7. Numbers of two logs cannot be compared.
	HeaderLog = "Callboard-Log"
	// HeaderSeq is the number of the event in the log; HeaderPrev that of the App's callback event before, 0 for none.
	HeaderSeq  = "Callboard-Seq"
	HeaderPrev = "Callboard-Prev"
	// HeaderLane is the unit of order: the percent-encoded RoomId, alone or with /members or /messages, or @app.
	HeaderLane = "Callboard-Lane"
	// HeaderRoomSeq is the number of the event in its lane; HeaderRoomPrev that of the lane's callback event before.
	HeaderRoomSeq  = "Callboard-Room-Seq"
	HeaderRoomPrev = "Callboard-Room-Prev"
	// HeaderRoomState is the first 16 hex digits of a hash over the owner and the administrators after the change.
	HeaderRoomState = "Callboard-Room-State"
	// HeaderAttempt is 1 for the first attempt.
	HeaderAttempt = "Callboard-Attempt"
	// HeaderSkipped is the range of Room-Seq given up before this callback, such as 18-1041.
	HeaderSkipped = "Callboard-Skipped"
	// HeaderReplay is true when a person asked for this delivery.
	HeaderReplay = "Callboard-Replay"
	// HeaderCause is the RequestId of the REST call that caused the event.
	HeaderCause = "Callboard-Cause"
	// HeaderSignature covers the Callboard headers and the hash of the body.
	HeaderSignature = "Callboard-Signature"
)

// The headers of Standard Webhooks, which a callback has when signing secrets are set.
const (
	// HeaderWebhookID is the Callboard-Event-Id; of a question the Callboard-Cause.
	HeaderWebhookID = "Webhook-Id"
	// HeaderWebhookTimestamp is when the attempt was made, a Unix time in seconds.
	HeaderWebhookTimestamp = "Webhook-Timestamp"
	// HeaderWebhookSignature covers the two and the body: v1, and the base64 of an HMAC-SHA256, for each live secret.
	HeaderWebhookSignature = "Webhook-Signature"
)

// Delivery is what a callback carries besides its packet. The fields from EventID to Cause are those of the Callboard
// headers, each the zero value when the sender did not set it; all are zero when the sender is not Callboard. The
// documented Sign does not cover the headers; Handler.SigningSecrets does.
type Delivery struct {
	// SDKAppID is that of the URL, which was found equal to Handler.SDKAppID.
	SDKAppID uint32
	// Command is the command of URL and body.
	Command Command

	EventID string
	// Log and Lane name what RoomSeq counts. Lane is the header's text, still percent-encoded: a key, not a RoomId.
	Log, Lane string
	// Seq counts the events of the log from 1; Prev is the Seq of the App's callback before this one. Between two
	// callbacks that arrived, a Prev above the earlier Seq tells that others are missing or late.
	Seq, Prev int64
	// RoomSeq counts the events of the lane from 1; RoomPrev is the RoomSeq of the lane's callback before this one.
	RoomSeq, RoomPrev int64
	RoomState         string
	// Attempt is 1 for the first attempt.
	Attempt int
	// Skipped is the header's text. SkippedFrom and SkippedTo are the first and the last RoomSeq of the range, both 0
	// when there is none or when the text is of a form not known here.
	Skipped                string
	SkippedFrom, SkippedTo int64
	// Replay tells that a person asked for this delivery.
	Replay bool
	// Late is set by an Inbox for a callback that fills a hole: later ones of its lane were handed over before it, so what
	// it reports may be older than what the App backend knows.
	Late  bool
	Cause string

	// ClientIP and OptPlatform come from the URL; administrator, owner and member state callbacks lack them. Compare
	// OptPlatform without regard to letter case. Spec: callbacks, sections 1.2 and 1.3.
	ClientIP, OptPlatform string
	// Body is the body as received, a JSON object. The function may keep it.
	Body []byte
}

// readHeaders fills d from the Callboard headers. A number that does not parse is an error that names the header: to go
// on with 0 would switch off the App backend's check for repeats without a word.
func (d *Delivery) readHeaders(header http.Header) error {
	d.EventID, d.Log, d.Lane = header.Get(HeaderEventID), header.Get(HeaderLog), header.Get(HeaderLane)
	d.RoomState, d.Cause = header.Get(HeaderRoomState), header.Get(HeaderCause)
	d.Replay = header.Get(HeaderReplay) == "true"
	d.Skipped = header.Get(HeaderSkipped)
	d.SkippedFrom, d.SkippedTo = parseSkipped(d.Skipped)

	var attempt int64
	for _, number := range []struct {
		name string
		to   *int64
	}{
		{HeaderSeq, &d.Seq},
		{HeaderPrev, &d.Prev},
		{HeaderRoomSeq, &d.RoomSeq},
		{HeaderRoomPrev, &d.RoomPrev},
		{HeaderAttempt, &attempt},
	} {
		n, err := parseNumber(header.Get(number.name))
		if err != nil {
			return fmt.Errorf("%s: %w", number.name, err)
		}
		*number.to = n
	}
	d.Attempt = int(attempt)
	if int64(d.Attempt) != attempt {
		return fmt.Errorf("%s: %d is too large", HeaderAttempt, attempt)
	}
	return nil
}

// parseNumber returns 0 for an absent header.
func parseNumber(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, errors.New("want a decimal number below 2^63") // err repeats the text, which may be long
	}
	return int64(n), nil
}

func parseSkipped(text string) (from, to int64) {
	first, last, found := strings.Cut(text, "-")
	from, errFrom := parseNumber(first)
	to, errTo := parseNumber(last)
	if !found || errFrom != nil || errTo != nil || from < 1 || to < from {
		return 0, 0
	}
	return from, to
}
