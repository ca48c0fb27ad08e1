// Package policy decides what an answer of an App backend means and when to try again. It is pure: values in, values
// out, no clock, no random source, no I/O; safe for concurrent use.
//
// It decides for one attempt at a time. What follows for the lane is the business of package delivery.
package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Answer is what came back for an attempt.
type Answer struct {
	// Failure says in words why there is no whole answer: a timeout, a connection refused. Empty: there is one.
	Failure string
	Status  int
	// Body is the start of the answer's body; TooLarge: there was more than is read.
	Body     []byte
	TooLarge bool
}

// Outcome is what an answer means under both profiles.
type Outcome struct {
	Durable, Cloud eventlog.Verdict
	// Why says in words what was answered.
	Why eventlog.Reason
}

// Verdict returns that of the profile.
func (o Outcome) Verdict(p live.Profile) eventlog.Verdict {
	if p == live.Cloud {
		return o.Cloud
	}
	return o.Durable
}

// shortText is the longest body, in bytes, that is taken for a plain yes such as "ok".
const shortText = 64

// Classify judges an answer by the table of design.md section 6. strict makes an answer that is not the documented
// envelope, but plainly a yes, a failure in the durable profile too. Spec: callbacks 2.
func Classify(a Answer, strict bool) Outcome {
	if a.Failure != "" {
		return failed("%s", a.Failure)
	}
	if a.Status < 200 || a.Status > 299 {
		return failed("status %d", a.Status)
	}
	body := bytes.TrimSpace(bytes.TrimLeft(a.Body, "\ufeff \t\r\n")) // byte order marks are written by editors
	switch {
	case a.TooLarge:
		return failed("status %d with an answer over 64 KiB; a proxy's page?", a.Status)
	case bytes.HasPrefix(body, []byte("<")):
		return failed("status %d with HTML; a proxy's page?", a.Status)
	case bytes.HasPrefix(body, []byte("{")):
		return object(a.Status, body, strict)
	case bytes.HasPrefix(body, []byte("[")) && !json.Valid(body):
		return failed("status %d with broken JSON", a.Status)
	case bytes.ContainsFunc(body, isBinary):
		return failed("status %d with %d bytes that are no text; compressed, though nobody asked?", a.Status, len(body))
	case len(body) > shortText:
		return failed("status %d with a text of %d bytes, which is not the documented answer; a proxy's page?", a.Status, len(body))
	case len(body) == 0:
		return plainYes(strict, "status %d with an empty body", a.Status)
	}
	return plainYes(strict, "status %d with a short text", a.Status)
}

// isBinary finds what no text holds: a short no that is compressed, or in UTF-16, must not be taken for a short yes. Bytes of
// other character sets are text.
func isBinary(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' }

// envelope are the two fields of the documented answer that decide. Other fields may have any type.
type envelope struct {
	ActionStatus json.RawMessage
	ErrorCode    json.RawMessage
}

func object(status int, body []byte, strict bool) Outcome {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return failed("status %d with broken JSON", status)
	}
	action, code := text(e.ActionStatus), text(e.ErrorCode)
	if strings.EqualFold(action, "FAIL") || !isZero(code) {
		o := failed("status %d, ActionStatus %s, ErrorCode %s", status, knownAction(action), shortInteger(code))
		if status == 200 {
			o.Cloud = eventlog.Delivered // the documented service ignores what an After callback answers
		}
		return o
	}
	if status != 200 {
		return plainYes(strict, "status %d with the documented body", status)
	}
	return Outcome{Durable: eventlog.Delivered, Cloud: eventlog.Delivered, Why: "status 200"}
}

// text returns a JSON string without its quotes, and any other value as it is written; null and absent are empty.
func text(raw json.RawMessage) string {
	if len(raw) > 0 && raw[0] == '"' {
		s := string(raw[1 : len(raw)-1])
		if strings.Contains(s, `\`) {
			_ = json.Unmarshal(raw, &s) // it is valid: nothing can fail
		}
		return strings.TrimSpace(s)
	}
	if string(raw) == "null" {
		return ""
	}
	return string(raw)
}

func isZero(code string) bool {
	if code == "" {
		return true
	}
	n, err := strconv.ParseFloat(code, 64)
	return err == nil && n == 0
}

// knownAction and shortInteger repeat only what cannot be a secret: an App backend may send back what it was sent.
func knownAction(s string) string {
	switch {
	case s == "":
		return "absent"
	case strings.EqualFold(s, "OK") || strings.EqualFold(s, "FAIL"):
		return strings.ToUpper(s)
	}
	return "of another text"
}

func shortInteger(s string) string {
	const digits = 10
	if s == "" {
		return "absent"
	}
	if _, err := strconv.ParseInt(s, 10, 64); err != nil || len(s) > digits {
		return "that is no short integer"
	}
	return s
}

// plainYes is an answer that is not the documented one but that a person would take for a yes.
func plainYes(strict bool, format string, args ...any) Outcome {
	o := Outcome{Durable: eventlog.Delivered, Cloud: eventlog.Failed, Why: reason(format, args...)}
	if strict {
		o.Durable = eventlog.Retry
	}
	return o
}

func failed(format string, args ...any) Outcome {
	return Outcome{Durable: eventlog.Retry, Cloud: eventlog.Failed, Why: reason(format, args...)}
}

// reason makes a text that every store takes: short, valid UTF-8, without NUL.
func reason(format string, args ...any) eventlog.Reason {
	s := fmt.Sprintf(format, args...)
	s = strings.ToValidUTF8(s[:min(len(s), eventlog.MaxReason)], "")
	return eventlog.Reason(strings.ReplaceAll(s, "\x00", ""))
}

// The retry schedule of the durable profile.
const (
	firstDelay = time.Second
	maxDelay   = MaxDelay
)

// MaxDelay is the longest that [Delay] returns.
const MaxDelay = 5 * time.Minute

// Delay is how long to wait after the given number of failed attempts, at least 1: one second, then twice as long each
// time, up to five minutes. jitter from 0 to 1 adds up to a quarter, so that lanes which failed together do not all
// come back together.
func Delay(attempts int, jitter float64) time.Duration {
	d := maxDelay
	if shift := max(attempts, 1) - 1; shift < 9 {
		d = min(firstDelay<<shift, maxDelay)
	}
	return min(d+time.Duration(float64(d)*jitter/4), maxDelay)
}

// CloudPatience is how old a callback of the cloud profile may be when it is sent.
const CloudPatience = 10 * time.Second

// Unsent is the outcome of a callback that waited longer than CloudPatience in the cloud profile.
func Unsent() Outcome {
	return Outcome{Durable: eventlog.Retry, Cloud: eventlog.Failed, Why: reason("not sent: it could not be sent within %s", CloudPatience)}
}

// minAttempts are made of a callback before it is given up, however long it has been failing.
const minAttempts = 3

// GivesUp tells whether a callback of the durable profile is given up after so many failed attempts, when it has been
// failing for a time in which the endpoint answered others; after is the limit of that time, 0: there is none.
func GivesUp(attempts int, failing, after time.Duration) bool {
	return after > 0 && attempts >= minAttempts && failing >= after
}

// Aged is the reason of a callback that is given up because the log is not kept for longer.
const Aged eventlog.Reason = "not delivered within the time that the log is kept"

// gonesToPause is how many different lanes have to be answered 410 in a row for the App to be paused.
const gonesToPause = 5

// Gone is the reason of a pause that 410 answers led to.
const Gone eventlog.Reason = "the App backend answered 410 (Gone) in 5 lanes in a row"

// Gones counts lanes whose last results were all 410. It belongs to one goroutine; the zero value is none.
type Gones struct{ lanes map[eventlog.Lane]struct{} }

// Note takes a result and tells whether the App is to be paused.
func (g *Gones) Note(lane eventlog.Lane, status int) bool {
	if status != http.StatusGone {
		clear(g.lanes)
		return false
	}
	if g.lanes == nil {
		g.lanes = map[eventlog.Lane]struct{}{}
	}
	g.lanes[lane] = struct{}{}
	if len(g.lanes) < gonesToPause {
		return false
	}
	clear(g.lanes)
	return true
}
