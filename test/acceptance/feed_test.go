//go:build unix

package acceptance

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// feed makes a call with a token and checks the HTTP status and what the answer says.
func feed(t *testing.T, p *process, token, method, call, body string, status int, says ...string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.address+"/callboard/v1/"+call, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := httpClient(t, nil).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Errorf("%s: HTTP %d, want %d", call, resp.StatusCode, status)
	}
	wantTexts(t, string(text), says...)
}

func TestAReceiverChecksItselfWithATokenUntilTheConfigTakesItAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", accepts)
	token, other := newKey(), newKey()
	s.remember(token)
	s.configure(t, setup{url: b.url, commands: allCommands(), app: []string{"tokens: [" + token + "]"}})
	p := s.serve(t)
	const app = "?sdkappid=1400000001"
	createRoom(t, s.client(t, p), "r1")
	b.next(t)
	feed(t, p, token, http.MethodGet, "events"+app+"&lane=r1&wait=10s", "", http.StatusOK, `"Lane":"r1"`, `"Body":{"CallbackCommand":"Live.CallbackAfterCreateRoom"`)
	feed(t, p, token, http.MethodGet, "snapshot"+app, "", http.StatusOK, `"Rooms":[{"RoomId":"r1"`, `"Next":""`)
	feed(t, p, token, http.MethodGet, "head"+app, "", http.StatusOK, `"Seq":1,"Callback":1,"Oldest":1,"Reader":"callback"`)
	feed(t, p, token, http.MethodPost, "verify"+app, `{"Log":"aaaaaaaa","Lanes":[{"Lane":"r1","RoomSeq":1}]}`, http.StatusGone, `"Oldest":`)
	feed(t, p, other, http.MethodGet, "events"+app, "", http.StatusUnauthorized, `"Error"`)
	p.stop(t)
	wantNoSecret(t, p, s.secrets()...)

	s.configure(t, setup{url: b.url, commands: allCommands()})
	p = s.serve(t)
	feed(t, p, token, http.MethodGet, "events"+app, "", http.StatusUnauthorized, `"Error"`)
}
