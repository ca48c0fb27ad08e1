package liveapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/liveapi"
)

// scripted answers call by call, the last answer again and again, and notes when and with which key it was called.
type scripted struct {
	answers []scriptedAnswer
	start   time.Time
	at      []time.Duration
	keys    []string
}

type scriptedAnswer struct {
	status int // 0: the connection breaks
	body   string
}

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	s.at, s.keys = append(s.at, time.Since(s.start)), append(s.keys, r.Header.Get(liveapi.HeaderIdempotencyKey))
	next := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	if next.status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{StatusCode: next.status, Body: io.NopCloser(strings.NewReader(next.body)), Request: r}, nil
}

func (s *scripted) client(t *testing.T, attempts int) *liveapi.Client {
	t.Helper()
	s.start = time.Now()
	client, err := liveapi.NewClient(liveapi.Options{
		BaseURL: "http://callboard.example", SDKAppID: 1, Identifier: "a", UserSig: testSig, Attempts: attempts,
		HTTPClient: &http.Client{Transport: s},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

var (
	broken   = scriptedAnswer{}
	gateway  = scriptedAnswer{502, "<html>"}
	internal = scriptedAnswer{200, `{"ActionStatus":"FAIL","ErrorInfo":"busy","ErrorCode":100001,"RequestId":"Id-1"}`}
	tooMany  = scriptedAnswer{200, `{"ActionStatus":"FAIL","ErrorInfo":"slower","ErrorCode":60007,"RequestId":"Id-1"}`}
	noRoom   = scriptedAnswer{200, `{"ActionStatus":"FAIL","ErrorInfo":"none","ErrorCode":100004,"RequestId":"Id-1"}`}
	page     = scriptedAnswer{404, "<html>"}
	fine     = scriptedAnswer{200, okWith(`{"Admin_Account":[]}`)}
)

func read(c *liveapi.Client) error {
	_, err := c.GetAdminList(context.Background(), "r1")
	return err
}

func write(c *liveapi.Client) error { return c.AddAdmin(context.Background(), "r1", "a") }

func keyed(c *liveapi.Client) error { return write(c.WithKey("k1")) }

func TestOnlyWhatIsSafeToRepeatIsRepeated(t *testing.T) {
	cases := []struct {
		name     string
		call     func(*liveapi.Client) error
		attempts int
		answers  []scriptedAnswer
		made     int
		fails    bool
	}{
		{"a read after what passes", read, 5, []scriptedAnswer{broken, gateway, internal, fine}, 4, false},
		{"a read, as often as is allowed by default", read, 0, []scriptedAnswer{broken}, liveapi.DefaultAttempts, true},
		{"a read that may not be repeated", read, 1, []scriptedAnswer{broken, fine}, 1, true},
		{"a read that is refused", read, 5, []scriptedAnswer{noRoom, fine}, 1, true},
		{"a read too many", read, 5, []scriptedAnswer{tooMany, fine}, 1, true},
		{"a read of another server", read, 5, []scriptedAnswer{page, fine}, 1, true},
		{"a change", write, 5, []scriptedAnswer{broken, fine}, 1, true},
		{"a change of unknown outcome", write, 5, []scriptedAnswer{internal, fine}, 1, true},
		{"a change behind a gateway", write, 5, []scriptedAnswer{gateway, fine}, 1, true},
		{"a change under a key", keyed, 5, []scriptedAnswer{broken, gateway, internal, fine}, 4, false},
		{"a change under a key that is refused", keyed, 5, []scriptedAnswer{internal, noRoom, fine}, 2, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{answers: c.answers}
				err := c.call(s.client(t, c.attempts))
				if len(s.at) != c.made || (err != nil) != c.fails {
					t.Errorf("got %d calls and %v, want %d and an error %v", len(s.at), err, c.made, c.fails)
				}
			})
		})
	}
}

func TestKeyIsThatOfChangesOfOneClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: []scriptedAnswer{broken, fine}}
		client := s.client(t, 0)
		withKey := client.WithKey("k1")
		for _, err := range []error{write(withKey), read(withKey), write(client), write(withKey.WithKey(""))} {
			if err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff([]string{"k1", "k1", "", "", ""}, s.keys); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
	})
}

func TestPausesDoubleUpToALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: []scriptedAnswer{broken}}
		if err := read(s.client(t, 12)); err == nil {
			t.Error("got no error")
		}
		about := 100 * time.Millisecond
		for i := 1; i < len(s.at); i++ {
			if pause := s.at[i] - s.at[i-1]; pause < about/2 || pause > about*3/2 {
				t.Errorf("pause %d: got %v, want %v and half of it more or less", i, pause, about)
			}
			about = min(2*about, 2*time.Second)
		}
	})
}

func TestRepeatingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: []scriptedAnswer{internal}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := s.client(t, 1000).GetRoomInfo(ctx, "r1")
		refusal := (*liveapi.Error)(nil)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &refusal) || refusal.Code != liveapi.CodeInternal {
			t.Errorf("got %v, want the last answer and the deadline", err)
		}
		if got := time.Since(s.start); got != time.Second {
			t.Errorf("it took %v, want 1s", got)
		}
	})
}
