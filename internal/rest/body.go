package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/callboard/callboard/internal/live"
)

// maxBody is the largest body in bytes. It is not documented; the largest request with all fields at their limits
// stays below a quarter of it.
const maxBody = 1 << 20

// readBody reads at most maxBody bytes; what is longer is left unread, and net/http closes the connection.
func readBody(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	tooLong := live.Refuse(live.BadRequest, "the body has more than %d bytes, the most that is taken", maxBody)
	if req.ContentLength > maxBody {
		return nil, tooLong
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
		return nil, tooLong
	}
	if err != nil {
		return nil, live.Refuse(live.BadRequest, "the body was cut off")
	}
	return body, nil
}

// decode reads a body into its fields. Spec: REST 1.2.
func decode(body []byte, fields []field) error {
	if !utf8.Valid(body) {
		return live.Refuse(live.InvalidParameter, "the body is not valid UTF-8")
	}
	body = bytes.Trim(body, " \t\r\n")
	if len(body) == 0 {
		return live.Refuse(live.BadJSON, "the body is empty; send a JSON object, at least {}")
	}
	// This one pass over the whole bounds the nesting, too: encoding/json gives up at a depth of 10,000. Nothing
	// below goes deeper than the fields do.
	if !json.Valid(body) {
		return badJSON(body)
	}
	if body[0] != '{' {
		return live.Refuse(live.BadJSON, "the body is %s; send a JSON object", kindOf(body))
	}
	return readFields("", body, fields)
}

// badJSON refuses a body that is not valid JSON.
func badJSON(body []byte) error {
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, new(json.RawMessage)); !errors.As(err, &syntax) {
		return live.Refuse(live.BadJSON, "the body is not JSON")
	}
	return live.Refuse(live.BadJSON,
		"the body is not one JSON object: error near byte %d; comments and trailing commas are not allowed", syntax.Offset)
}
