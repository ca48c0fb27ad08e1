package call_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/live"
)

const testToken = "0123456789abcdef"

func settings(id live.AppID) *live.App {
	if id != 1400000001 {
		return nil
	}
	return &live.App{ID: id, Tokens: []string{testToken}}
}

// enter makes a call of a path with the token, and returns the failure.
func enter(p call.Path, req *http.Request) *call.Failure {
	req.Header.Set("Authorization", "Bearer "+testToken)
	_, err := p.Enter(httptest.NewRecorder(), req, access.NewGate(0, nil), settings)
	return call.FailureOf(err)
}

func TestACallThatIsNotMadeAsThePathWantsItIsRefused(t *testing.T) {
	p := call.Path{Method: http.MethodGet, Takes: []string{"after", "limit"}}
	cases := []struct {
		name, method, query string
		status              int
		says                string
	}{
		{"nothing but who calls", http.MethodGet, "", 0, ""},
		{"what is taken", http.MethodGet, "&after=x&limit=1&random=1&contenttype=json", 0, ""},
		{"another method", http.MethodPost, "", 405, "must be GET"},
		{"a misspelt parameter", http.MethodGet, "&afer=x", 400, `"afer", which is not taken here; beside who calls there may be after, limit`},
		{"other letters", http.MethodGet, "&After=x", 400, `"After"`},
		{"a long name", http.MethodGet, "&" + strings.Repeat("x", 200) + "=1", 400, `"` + strings.Repeat("x", 64) + `"`},
		{"one twice", http.MethodGet, "&limit=1&limit=2", 400, "limit more than once"},
		{"no UTF-8", http.MethodGet, "&after=%ff", 400, "UTF-8"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := enter(p, httptest.NewRequest(c.method, call.Prefix+"events?sdkappid=1400000001"+c.query, http.NoBody))
			if f == nil && c.status == 0 {
				return
			}
			if f == nil || f.Status != c.status || !strings.Contains(f.Text, c.says) {
				t.Errorf("failure %+v, want %d with %q", f, c.status, c.says)
			}
		})
	}
}

func TestParametersAreLookedAtOnlyOfWhoMayCall(t *testing.T) {
	req := httptest.NewRequest(http.MethodGet, call.Prefix+"events?sdkappid=1400000001&afer=1", http.NoBody)
	req.Header.Set("Authorization", "Bearer x")
	_, err := (&call.Path{Method: http.MethodGet}).Enter(httptest.NewRecorder(), req, access.NewGate(0, nil), settings)
	if f := call.FailureOf(err); f == nil || f.Status != http.StatusUnauthorized {
		t.Errorf("failure %+v, want 401", f)
	}
}

func TestACompressedCallIsRefused(t *testing.T) {
	req := httptest.NewRequest(http.MethodGet, call.Prefix+"events?sdkappid=1400000001", http.NoBody)
	req.Header.Set("Content-Encoding", "gzip")
	if f := enter(call.Path{Method: http.MethodGet}, req); f == nil || f.Status != http.StatusBadRequest || !strings.Contains(f.Text, "Content-Encoding") {
		t.Errorf("failure %+v, want 400 about the header", f)
	}
}

func TestTextsOfAStoreAreNoFailures(t *testing.T) {
	if f := call.FailureOf(errors.New("secret of a store")); f != nil {
		t.Errorf("failure %+v, want none", f)
	}
	wrapped := fmt.Errorf("read: %w", call.NotFound("there is no event %d", 7))
	if f := call.FailureOf(wrapped); f == nil || f.Status != http.StatusNotFound || f.Text != "there is no event 7" {
		t.Errorf("failure %+v, want 404", f)
	}
}

func TestABodyBeyondItsLimitIsRefused(t *testing.T) {
	for size, status := range map[int]int{0: 0, 2 << 10: 0, 2<<10 + 1: http.StatusRequestEntityTooLarge} {
		req := httptest.NewRequest(http.MethodPost, call.Prefix, strings.NewReader(strings.Repeat("x", size)))
		body, err := call.ReadBody(httptest.NewRecorder(), req, 2)
		f := call.FailureOf(err)
		if status == 0 && (f != nil || len(body) != size) || status != 0 && (f == nil || f.Status != status || !strings.Contains(f.Text, "2 KiB")) {
			t.Errorf("of %d bytes %d are read, %+v, want %d", size, len(body), f, status)
		}
	}
}

func TestAnswersAreNotEscapedForHTML(t *testing.T) {
	rec := httptest.NewRecorder()
	call.Write(rec, http.StatusOK, struct{ Body json.RawMessage }{json.RawMessage(`"<&>"`)})
	if got, want := rec.Body.String(), `{"Body":"<&>"}`+"\n"; got != want || rec.Header().Get("Content-Type") != "application/json" {
		t.Errorf("answer %q of %s, want %q", got, rec.Header().Get("Content-Type"), want)
	}
}

func TestNoMoreThanTheTurnsAskAtOneTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, callers = 2, 5
		turns, release := call.NewTurns(most), make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ended := make(chan error, callers)
		for range callers {
			go func() {
				ended <- turns.Do(ctx, func() error { <-release; return nil })
			}()
		}
		for range callers - most { // time passes
			if err := <-ended; !errors.Is(err, call.ErrBusy) {
				t.Errorf("who waited for a second has %v, want that others ask", err)
			}
		}
		close(release)
		for range most {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if err := turns.Do(t.Context(), func() error { return nil }); err != nil {
			t.Errorf("when all have ended there is no turn: %v", err)
		}
	})
}

// FuzzDecode looks for bodies that are read although something is in them that is not taken.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{``, `{}`, `{"From":1,"To":2}`, `{"From":1}{}`, `{"from":1}`, `{"form":1}`, `[]`, `{"From":1e3}`, "{\"Reason\":\"\xff\"}"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var into struct {
			From, To int64
			Reason   string
		}
		err := call.Decode(body, &into, "From and To")
		if err == nil && !json.Valid(body) {
			t.Fatalf("%q was read as %+v", body, into)
		}
		if f := call.FailureOf(err); err != nil && (f == nil || f.Status != http.StatusBadRequest) {
			t.Fatalf("%q is answered with %v", body, err)
		}
		var buf bytes.Buffer
		call.Encode(&buf, into)
		if !json.Valid(buf.Bytes()) {
			t.Fatalf("%+v is encoded as %q", into, buf.Bytes())
		}
	})
}
