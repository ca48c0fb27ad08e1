//go:build unix

package acceptance

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/callboard/callboard/liveapi"
	"github.com/callboard/callboard/usersig"
)

// request is a REST call as a caller may get it wrong.
type request struct {
	method  string // POST when empty
	path    string
	query   string // without the question mark
	body    string
	chunked bool // without Content-Length
	header  http.Header
}

// reply is what came back.
type reply struct {
	liveapi.Envelope
	status int
	text   string
}

// query is that of a right call.
func (s *site) query(t *testing.T) string {
	t.Helper()
	return s.queryOf(t, adminClaims())
}

// queryOf is right but for what its UserSig states.
func (s *site) queryOf(t *testing.T, c usersig.Claims) string {
	t.Helper()
	return queryWith(administrator, s.sign(t, c))
}

func queryWith(identifier, sig string) string {
	return url.Values{
		"sdkappid": {strconv.Itoa(sdkAppID)}, "identifier": {identifier}, "usersig": {sig}, "random": {"99999999"}, "contenttype": {"json"},
	}.Encode()
}

// send makes a call and decodes the envelope.
func (r request) send(t *testing.T, client *http.Client, p *process) reply {
	t.Helper()
	method := r.method
	if method == "" {
		method = http.MethodPost
	}
	var body io.Reader = strings.NewReader(r.body)
	if r.chunked {
		body = io.MultiReader(body) // its length is hidden
	}
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.address, body)
	if err != nil {
		t.Fatal(err)
	}
	req.URL.Path, req.URL.RawQuery = r.path, r.query
	if r.header != nil {
		req.Header = r.header
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := reply{status: resp.StatusCode, text: string(text)}
	if method != http.MethodHead {
		if err := json.Unmarshal(text, &got.Envelope); err != nil {
			t.Fatalf("HTTP %d %q is no answer of the REST API: %v", got.status, text, err)
		}
	}
	return got
}

// codeOf is the ErrorCode of a refused call, 0 for none.
func codeOf(err error) liveapi.Code {
	var refused *liveapi.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return liveapi.CodeOK
}

// infoOf is the ErrorInfo of a refused call; the test fails if it was not refused with the code.
func infoOf(t *testing.T, err error, code liveapi.Code) string {
	t.Helper()
	var refused *liveapi.Error
	if !errors.As(err, &refused) || refused.Code != code {
		t.Fatalf("got %v, want code %d", err, code)
	}
	return refused.Info
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
