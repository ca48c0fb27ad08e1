//go:build unix

package acceptance

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

func TestRESTChangesStandWhileTheSectionIsUnchanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first, second := newBackend(t, "", accepts), newBackend(t, "", accepts)
	s.configure(t, setup{url: first.url, commands: allCommands()})
	p := s.serve(t)
	c := s.client(t, p)
	moved := liveapi.CallbackConfig{URL: second.url, CallbackCommandList: []string{string(callback.CommandAfterCreateRoom)}}
	if err := c.UpdateCallback(t.Context(), moved); err != nil {
		t.Fatal(err)
	}
	p.stop(t)

	p = s.serve(t, "--listen", "127.0.0.1:0") // a flag is no change of the section
	c = s.client(t, p)
	wantCallback(t, c, moved)
	createRoom(t, c, "r1")
	if d := second.next(t); d.Lane != "r1" {
		t.Errorf("a callback of %q arrived, want r1", d.Lane)
	}
}

func TestChangedSectionIsAppliedAtTheNextStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	before := setup{url: "http://127.0.0.1:9/before", commands: allCommands()}
	s.configure(t, before)
	p := s.serve(t)
	byREST := liveapi.CallbackConfig{URL: "http://127.0.0.1:9/rest", CallbackCommandList: []string{}}
	if err := s.client(t, p).UpdateCallback(t.Context(), byREST); err != nil {
		t.Fatal(err)
	}
	p.stop(t)

	after := before
	after.url, after.app = "http://127.0.0.1:9/after", []string{"administrators: [administrator, second]"}
	s.configure(t, after)
	p = s.serve(t)
	want := liveapi.CallbackConfig{URL: after.url}
	for _, command := range after.commands {
		want.CallbackCommandList = append(want.CallbackCommandList, string(command))
	}
	wantCallback(t, s.client(t, p), want)
	claims := adminClaims()
	claims.Identifier = "second"
	list := request{path: "/v4/live_engine_http_srv/get_room_list", query: queryWith("second", s.sign(t, claims)), body: `{"Next":""}`}
	if got := list.send(t, httpClient(t, nil), p); got.ErrorCode != liveapi.CodeOK {
		t.Errorf("the new App administrator is answered %s", got.text)
	}
}

func TestSectionWithoutCallbackLeavesWhatRESTSet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	p := s.serve(t)
	byREST := liveapi.CallbackConfig{URL: "http://127.0.0.1:9/rest", CallbackCommandList: []string{"Live.CallbackAfterModifyAdmin"}}
	if err := s.client(t, p).SetCallback(t.Context(), byREST); err != nil {
		t.Fatal(err)
	}
	p.stop(t)

	s.configure(t, setup{delivery: "{timeout: 4s}"})
	wantCallback(t, s.client(t, s.serve(t)), byREST)
}

func wantCallback(t *testing.T, c *liveapi.Client, want liveapi.CallbackConfig) {
	t.Helper()
	got, err := c.GetCallback(t.Context())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("get_callback: %v (-want +got):\n%s", err, diff)
	}
}
