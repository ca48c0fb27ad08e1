package callback

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// The values of Answer.ActionStatus.
const (
	StatusOK   = "OK"
	StatusFail = "FAIL"
)

// codeFailed is the ErrorCode of a function that failed without choosing one. For "before" callbacks it is the
// documented refusal. Spec: callbacks, sections 6.13 and 6.17.
const codeFailed = 1

// Answer is the envelope that answers every callback. Spec: callbacks, section 2.
type Answer struct {
	// ActionStatus is StatusOK or StatusFail.
	ActionStatus string `json:"ActionStatus"`
	// ErrorInfo is free text, empty when all is well.
	ErrorInfo string `json:"ErrorInfo"`
	// ErrorCode is 0 when all is well. When Handler refused the request it is the HTTP status.
	ErrorCode int `json:"ErrorCode"`
}

// Error is an error that chooses what the sender is told. Handler finds it with errors.As in what a function returned.
// The text of any other error stays in the App backend's log: it may hold what the sender must not see.
type Error struct {
	// Code becomes ErrorCode; 0, which would mean success, becomes 1. A gift callback passes 102100 to 102200 on to the
	// client, a message callback 10100 to 10200. Spec: callbacks, sections 6.13 and 6.17.
	Code int
	// Info becomes ErrorInfo. Callboard reads at most 64 KiB of an answer.
	Info string
}

// Error returns the code and the info.
func (e *Error) Error() string { return fmt.Sprintf("callback: %s (ErrorCode %d)", e.Info, e.Code) }

// refusal is a request that failed a check of Handler, before any function was called.
type refusal struct {
	status int    // HTTP status and ErrorCode
	info   string // for the sender: no text of the request, no internal text
	cause  error  // for the log; may be nil
}

func (r *refusal) Error() string { return r.info }

// answerOf returns the HTTP status and the envelope for the outcome of a request. A function that failed is answered
// with 200, since only the envelope is documented to speak for it.
func answerOf(err error) (int, Answer) {
	if err == nil {
		return http.StatusOK, Answer{ActionStatus: StatusOK}
	}
	if refused, ok := err.(*refusal); ok { //nolint:errorlint // a function's error that wraps one must not pass for a refusal
		return refused.status, Answer{ActionStatus: StatusFail, ErrorInfo: refused.info, ErrorCode: refused.status}
	}
	answer := Answer{ActionStatus: StatusFail, ErrorInfo: "the App backend failed to process the callback", ErrorCode: codeFailed}
	if chosen := (*Error)(nil); errors.As(err, &chosen) && chosen != nil {
		answer.ErrorInfo = chosen.Info
		if chosen.Code != 0 {
			answer.ErrorCode = chosen.Code
		}
	}
	return http.StatusOK, answer
}

func writeAnswer(w http.ResponseWriter, status int, answer replaced) {
	body, err := encodeAnswer(answer)
	if err != nil { // only what an App backend put in the place of a message may be no JSON
		answer = replaced{Answer: Answer{ActionStatus: StatusFail, ErrorInfo: "the App backend answered with a MsgContent that is no JSON", ErrorCode: codeFailed}}
		body, _ = encodeAnswer(answer) // two strings and an int always can be
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a sender that has left will repeat the callback
}

// encodeAnswer does not escape HTML: a message is stored as it is answered.
func encodeAnswer(answer replaced) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(answer)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}
