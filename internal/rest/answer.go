package rest

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
	"github.com/callboard/callboard/liveapi"
)

// requestIDs makes the RequestIds of a process: Id-<32 hex>-O-Seq-<digits>. Spec: REST 1.3.
type requestIDs struct{ count atomic.Uint64 }

func (ids *requestIDs) next() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // it never fails: without randomness the program ends
	return "Id-" + hex.EncodeToString(random[:]) + "-O-Seq-" + strconv.FormatUint(ids.count.Add(1), 10)
}

// answerOf makes the envelope. An error that is no refusal is of the store or a fault of the program: its text stays in
// the log.
func answerOf(id string, payload any, err error) liveapi.Envelope {
	if err == nil {
		return liveapi.Envelope{ActionStatus: liveapi.StatusOK, RequestID: id, Response: payload}
	}
	answer := liveapi.Envelope{
		ActionStatus: liveapi.StatusFail,
		ErrorInfo:    "the state could not be read; nothing was changed, try again",
		ErrorCode:    liveapi.CodeInternal,
		RequestID:    id,
	}
	if refusal := (*live.Error)(nil); errors.As(err, &refusal) {
		answer.ErrorInfo, answer.ErrorCode = refusal.Info, wire.CodeOf(refusal)
	}
	return answer
}

// beside is the payload of a call whose fields stand at the top level, beside those of the envelope: top is a struct with at
// least one field. response goes under Response too, nil when the call has none.
type beside struct{ top, response any }

// writeAnswer sends the envelope, compact and without HTML escaping.
func writeAnswer(w http.ResponseWriter, answer liveapi.Envelope) {
	b, split := answer.Response.(beside)
	if split {
		answer.Response = b.response
	}
	body := encodeAnswer(answer)
	if split {
		body = append(append(body[:len(body)-1], ','), encodeAnswer(b.top)[1:]...)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a caller who has left reads no error either
}

func encodeAnswer(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("rest: encode an answer: " + err.Error()) // its types have no value that JSON cannot hold
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}
