package rest

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/liveapi"
	"github.com/callboard/callboard/usersig"
)

func TestUserSigIsVerified(t *testing.T) {
	otherKey, err := usersig.New(strings.Repeat("1a", 32), usersig.Claims{SDKAppID: uint32(testApp), Identifier: testAdmin})
	if err != nil {
		t.Fatal(err)
	}
	hourAgo := time.Now().Add(-time.Hour)
	cases := []struct {
		name string
		bad  func(*http.Request)
		want liveapi.Code
	}{
		{"good", func(*http.Request) {}, liveapi.CodeRoomNotFound},
		{"no UserSig", param("usersig", "x"), liveapi.CodeUserSigInvalid},
		{"of version 1", param("usersig", versionOne(t)), liveapi.CodeUserSigInvalid},
		{"too long", param("usersig", strings.Repeat("a", usersig.MaxLen+1)), liveapi.CodeUserSigInvalid},
		{"expired", signed(t, usersig.Claims{IssuedAt: hourAgo, Expire: time.Minute}), liveapi.CodeUserSigExpired},
		{"with a userbuf", signed(t, usersig.Claims{UserBuf: []byte("room")}), liveapi.CodeUserSigInvalid},
		{"of another key", param("usersig", otherKey), liveapi.CodeUserSigWrongKey},
		{"of another identifier", param("identifier", "Administrator"), liveapi.CodeUserSigIdentifier},
		{"of another App", signed(t, usersig.Claims{SDKAppID: 7}), liveapi.CodeUserSigSDKAppID},
		{"of no App administrator", func(r *http.Request) {
			param("identifier", "user1")(r)
			signed(t, usersig.Claims{Identifier: "user1"})(r)
		}, liveapi.CodeNotAdministrator},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := newEdge().handler()
			for try := range 2 { // the second could be answered from what is remembered
				req := newRequest(t, roomInfoPath, `{"RoomId":"r1"}`)
				c.bad(req)
				got := send(t, h, req)
				if got.ErrorCode != c.want {
					t.Errorf("try %d: got %d %q, want %d", try, got.ErrorCode, got.ErrorInfo, c.want)
				}
				if sig := req.URL.Query().Get("usersig"); len(sig) > 1 && strings.Contains(got.ErrorInfo, sig) {
					t.Errorf("the UserSig is in the ErrorInfo %q", got.ErrorInfo)
				}
			}
		})
	}
}

// versionOne returns a UserSig that says that it is of version 1.
func versionOne(t *testing.T) string {
	t.Helper()
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	fmt.Fprint(w, `{"TLS.ver":"1.0"}`)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text := base64.StdEncoding.EncodeToString(packed.Bytes())
	return strings.NewReplacer("+", "*", "/", "-", "=", "_").Replace(text)
}

func TestAppWithoutKeyLetsNobodyIn(t *testing.T) {
	e := newEdge()
	e.app.Key = ""
	got := send(t, e.handler(), newRequest(t, roomInfoPath, `{"RoomId":"r1"}`))
	if got.ErrorCode != liveapi.CodeUserSigWrongKey || !strings.Contains(got.ErrorInfo, "no key") {
		t.Errorf("got %d %q, want 70009 that says what is missing", got.ErrorCode, got.ErrorInfo)
	}
}

// A remembered UserSig still ends with its lifetime, its key and the role of its identifier.
func TestRememberedUserSigIsNotTrustedLonger(t *testing.T) {
	sig := sign(t, usersig.Claims{IssuedAt: time.Unix(1_800_000_000, 0), Expire: time.Minute})
	steps := []struct {
		name   string
		change func(e *edge, now *time.Time)
		want   liveapi.Code
	}{
		{"its last second is over", func(_ *edge, now *time.Time) { *now = time.Unix(1_800_000_061, 0) }, liveapi.CodeUserSigExpired},
		{"the key is another", func(e *edge, _ *time.Time) { e.app.Key = strings.Repeat("2b", 32) }, liveapi.CodeUserSigWrongKey},
		{"no administrator any more", func(e *edge, _ *time.Time) { e.app.Administrators = nil }, liveapi.CodeNotAdministrator},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			e := newEdge()
			now := time.Unix(1_800_000_060, 0)
			h := New(Options{Engine: e, Rooms: e, Now: func() time.Time { return now }})
			ask := func() liveapi.Code {
				req := newRequest(t, roomInfoPath, `{"RoomId":"r1"}`)
				param("usersig", sig)(req)
				return send(t, h, req).ErrorCode
			}
			if got := ask(); got != liveapi.CodeRoomNotFound {
				t.Fatalf("before: got %d, want 100004", got)
			}
			s.change(e, &now)
			if got := ask(); got != s.want {
				t.Errorf("after: got %d, want %d", got, s.want)
			}
		})
	}
}
