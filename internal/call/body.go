package call

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"
)

// ReadBody reads a body of at most so many KiB.
func ReadBody(w http.ResponseWriter, req *http.Request, kib int) ([]byte, error) {
	const kibibyte = 1 << 10
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, int64(kib)*kibibyte))
	if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
		f := BadRequest("the body has more than %d KiB, the most that is taken", kib)
		f.Status = http.StatusRequestEntityTooLarge
		return nil, f
	}
	if err != nil {
		return nil, BadRequest("the body was cut off")
	}
	return body, nil
}

// Decode reads the JSON object of a body into into. like says what is taken to who sends something else.
func Decode(body []byte, into any, like string) error {
	if !utf8.Valid(body) {
		return BadRequest("the body is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) && wrong.Field != "" {
			return BadRequest("%s must not be a JSON %s", wrong.Field, wrong.Value)
		}
		return BadRequest("the body is not the JSON object that is taken here: %s", like)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return BadRequest("something follows on the JSON object of the body")
	}
	return nil
}

// Write answers with JSON.
func Write(w http.ResponseWriter, status int, answer any) {
	var body bytes.Buffer
	Encode(&body, answer)
	body.WriteByte('\n')
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a caller who has left reads no error either
}

// Refuse answers with a failure.
func Refuse(w http.ResponseWriter, f *Failure) {
	Write(w, f.Status, struct{ Error string }{f.Text})
}

// Encode appends compact JSON without HTML escaping, so that bodies of callbacks go out as they are, and without a line end.
func Encode(buf *bytes.Buffer, v any) {
	e := json.NewEncoder(buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("call: encode an answer: " + err.Error()) // the edges' types have no value that JSON cannot hold
	}
	buf.Truncate(buf.Len() - len("\n"))
}
