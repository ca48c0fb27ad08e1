//go:build unix

package acceptance

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

// Each bad call tries to make mallory an administrator. Afterwards one right call shows, by the numbers of its
// callback, that no change and no callback came between.
func TestBadInputIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	const token, password = "token-of-the-test", "password-of-the-url"
	s := newSite(t)
	b := newBackend(t, token, accepts)
	s.configure(t, setup{url: b.url + "?auth=" + password, commands: allCommands(), token: token})
	p := s.serve(t)
	c := s.client(t, p)
	createRoom(t, c, "r1")
	if err := c.AddAdmin(t.Context(), "r1", "alice"); err != nil {
		t.Fatal(err)
	}
	b.next(t)
	before := b.next(t)

	client := httpClient(t, nil)
	cases := append(badRequests(t, s), append(badBodies(t, s), badQueries(t, s)...)...)
	for _, bad := range cases {
		t.Run(bad.name, func(t *testing.T) {
			got := bad.send(t, client, p)
			bad.judge(t, got)
			admins, err := c.GetAdminList(t.Context(), "r1")
			if diff := cmp.Diff([]string{"alice"}, admins); err != nil || diff != "" {
				t.Errorf("administrators afterwards: %v (-want +got):\n%s", err, diff)
			}
		})
	}
	if err := c.AddAdmin(t.Context(), "r1", "bob"); err != nil {
		t.Fatal(err)
	}
	after := b.next(t)
	wantFollows(t, before, after)
	wantNoSecret(t, p, append(s.secrets(), token, password)...)
	// Each call has its line, so that the search has searched something.
	if got, least := strings.Count(p.stderr.String(), `msg="REST call"`), 2*len(cases); got < least {
		t.Errorf("%d calls are in the log, want at least %d", got, least)
	}
}

// wantFollows checks that nothing of the App or of the lane came between two callbacks.
func wantFollows(t *testing.T, before, after callback.Delivery) {
	t.Helper()
	type numbers struct{ Prev, Seq, RoomPrev, RoomSeq int64 }
	want := numbers{before.Seq, before.Seq + 1, before.RoomSeq, before.RoomSeq + 1}
	got := numbers{after.Prev, after.Seq, after.RoomPrev, after.RoomSeq}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the next callback (-want +got):\n%s", diff)
	}
}

// wantNoSecret searches the whole log. Beginnings count, too: a text that was cut is no less a secret.
func wantNoSecret(t *testing.T, p *process, secrets ...string) {
	t.Helper()
	log := p.stderr.String() + p.stdout.String()
	for i, secret := range secrets {
		const beginning = 12
		if short := secret[:min(len(secret), beginning)]; strings.Contains(log, short) {
			t.Errorf("secret %d (%s…) is in the log", i, short)
		}
	}
}

// badCall is a call that must be refused with a code and a text that says what to mend.
type badCall struct {
	name string
	request
	code liveapi.Code
	says []string
}

func (c badCall) judge(t *testing.T, got reply) {
	t.Helper()
	if got.status != http.StatusOK {
		t.Errorf("HTTP status %d, want 200", got.status)
	}
	if c.method == http.MethodHead {
		return // an answer without a body
	}
	if got.ErrorCode != c.code || got.ActionStatus != liveapi.StatusFail || got.RequestID == "" || got.Response != nil {
		t.Errorf("got %s, want FAIL with %d", got.text, c.code)
	}
	wantTexts(t, got.ErrorInfo, c.says...)
}

const (
	modifyAdminPath = "/v4/live_engine_http_srv/modify_admin"
	addMallory      = `{"RoomId":"r1","Admin_Account":["mallory"],"OpType":"add"}`
)

// badRequests are wrong as HTTP: method, path, headers, size.
func badRequests(t *testing.T, s *site) []badCall {
	query := s.query(t)
	var list []badCall
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodHead} {
		list = append(list, badCall{"method " + method, request{method: method, path: modifyAdminPath, query: query, body: addMallory},
			liveapi.CodeBadRequest, []string{"POST"}})
	}
	for name, path := range map[string]string{
		"unknown command": "/v4/live_engine_http_srv/modify_admins", "unknown service": "/v4/live_engine/modify_admin",
		"another version": "/v3/live_engine_http_srv/modify_admin", "path in other letters": "/v4/live_engine_http_srv/Modify_Admin",
		"slash at the end": modifyAdminPath + "/", "two slashes": "/" + modifyAdminPath, "root": "/",
		"path with dots": "/v4/live_engine_http_srv/../live_engine_http_srv/modify_admin", "POST to healthz": "/healthz",
	} {
		list = append(list, badCall{name, request{path: path, query: query, body: addMallory}, liveapi.CodeNoSuchCommand,
			[]string{"/v4/<service>/<command>"}})
	}
	large := `{"RoomId":"r1","Admin_Account":["mallory"],"OpType":"add","x":"` + strings.Repeat("x", 1<<20) + `"}`
	return append(list,
		badCall{"compressed body", request{path: modifyAdminPath, query: query, body: addMallory, header: http.Header{"Content-Encoding": {"gzip"}}},
			liveapi.CodeBadRequest, []string{"Content-Encoding"}},
		badCall{"body over 1 MiB", request{path: modifyAdminPath, query: query, body: large}, liveapi.CodeBadRequest, []string{"1048576 bytes"}},
		badCall{"body over 1 MiB, length not told", request{path: modifyAdminPath, query: query, body: large, chunked: true},
			liveapi.CodeBadRequest, []string{"1048576 bytes"}},
	)
}

// badBodies are wrong in what they ask for.
func badBodies(t *testing.T, s *site) []badCall {
	query := s.query(t)
	const six = `"mallory","u2","u3","u4","u5","u6"`
	var list []badCall
	for _, c := range []struct {
		name, body string
		code       liveapi.Code
		says       string
	}{
		{"empty body", ``, liveapi.CodeBadJSON, "{}"},
		{"blank body", " \n", liveapi.CodeBadJSON, "{}"},
		{"broken JSON", addMallory[:30], liveapi.CodeBadJSON, "JSON"},
		{"trailing comma", `{"RoomId":"r1","Admin_Account":["mallory"],"OpType":"add",}`, liveapi.CodeBadJSON, "trailing commas"},
		{"comment", addMallory + " // one more", liveapi.CodeBadJSON, "comments"},
		{"two objects", addMallory + addMallory, liveapi.CodeBadJSON, "one JSON object"},
		{"a list", `[` + addMallory + `]`, liveapi.CodeBadJSON, "JSON object"},
		{"invalid UTF-8", `{"RoomId":"r1","Admin_Account":["mallory` + "\xff" + `"],"OpType":"add"}`, liveapi.CodeInvalidParameter, "UTF-8"},
		{"NUL in an account", `{"RoomId":"r1","Admin_Account":["mallory\u0000"],"OpType":"add"}`, liveapi.CodeInvalidParameter, "Admin_Account[0]"},
		{"RoomId a number", `{"RoomId":1,"Admin_Account":["mallory"],"OpType":"add"}`, liveapi.CodeInvalidParameter, "RoomId"},
		{"account a number", `{"RoomId":"r1","Admin_Account":["mallory",7],"OpType":"add"}`, liveapi.CodeWrongAccountType, "Admin_Account[1]"},
		{"accounts no list", `{"RoomId":"r1","Admin_Account":"mallory","OpType":"add"}`, liveapi.CodeInvalidParameter, "Admin_Account"},
		{"OpType a list", `{"RoomId":"r1","Admin_Account":["mallory"],"OpType":["add"]}`, liveapi.CodeInvalidParameter, "OpType"},
		{"no RoomId", `{"Admin_Account":["mallory"],"OpType":"add"}`, liveapi.CodeInvalidParameter, "RoomId is missing"},
		{"no accounts", `{"RoomId":"r1","OpType":"add"}`, liveapi.CodeInvalidParameter, "Admin_Account is missing"},
		{"opType as in the callback", `{"RoomId":"r1","Admin_Account":["mallory"],"opType":"add"}`, liveapi.CodeInvalidParameter, "letter case"},
		{"unknown OpType", `{"RoomId":"r1","Admin_Account":["mallory"],"OpType":"set"}`, liveapi.CodeInvalidParameter, `"add" or "delete"`},
		{"empty list", `{"RoomId":"r1","Admin_Account":[],"OpType":"add"}`, liveapi.CodeInvalidParameter, "1 to 5"},
		{"empty account", `{"RoomId":"r1","Admin_Account":["mallory",""],"OpType":"add"}`, liveapi.CodeInvalidParameter, "Admin_Account[1]"},
		{"account over 32 bytes", `{"RoomId":"r1","Admin_Account":["mallory","` + strings.Repeat("u", 33) + `"],"OpType":"add"}`,
			liveapi.CodeInvalidParameter, "32"},
		{"sixth administrator", `{"RoomId":"r1","Admin_Account":[` + six + `],"OpType":"add"}`, liveapi.CodeTooManyAdministrators, "at most 5"},
		{"six to delete", `{"RoomId":"r1","Admin_Account":[` + six + `],"OpType":"delete"}`, liveapi.CodeInvalidParameter, "at most 5"},
		{"owner as administrator", `{"RoomId":"r1","Admin_Account":["mallory","anchor"],"OpType":"add"}`, liveapi.CodeInvalidParameter, "owner"},
		{"unknown room", `{"RoomId":"r2","Admin_Account":["mallory"],"OpType":"add"}`, liveapi.CodeRoomNotFound, "r2"},
	} {
		list = append(list, badCall{c.name, request{path: modifyAdminPath, query: query, body: c.body}, c.code, []string{c.says}})
	}
	return list
}
