//go:build unix

package acceptance

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

func TestCallbackIsConfiguredByREST(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	p := s.serve(t)
	c := s.client(t, p)
	ctx := t.Context()
	if _, err := c.GetCallback(ctx); codeOf(err) != liveapi.CodeCallbackNotFound {
		t.Errorf("get_callback before set_callback: %v, want 100301", err)
	}
	config := liveapi.CallbackConfig{URL: "http://127.0.0.1:9/a", CallbackCommandList: []string{"Live.CallbackAfterModifyAdmin"}}
	if err := c.UpdateCallback(ctx, config); codeOf(err) != liveapi.CodeCallbackNotFound {
		t.Errorf("update_callback before set_callback: %v, want 100301", err)
	}
	if err := c.SetCallback(ctx, config); err != nil {
		t.Fatal(err)
	}
	wantCallback(t, c, config)
	if err := c.SetCallback(ctx, config); codeOf(err) != liveapi.CodeCallbackExists {
		t.Errorf("the second set_callback: %v, want 100300", err)
	}
	config = liveapi.CallbackConfig{URL: "https://127.0.0.1:9/b?x=1", CallbackCommandList: []string{"Live.CallbackAfterTea", "Live.CallbackAfterCreateRoom"}}
	if err := c.UpdateCallback(ctx, config); err != nil {
		t.Fatal(err)
	}
	wantCallback(t, c, config) // the unknown word is kept
	wantTexts(t, p.stderr.String(), "not documented", "[Live.CallbackAfterTea]")
	for range 2 { // deleting what is not there is no error
		if err := c.DeleteCallback(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.GetCallback(ctx); codeOf(err) != liveapi.CodeCallbackNotFound {
		t.Errorf("get_callback after delete_callback: %v, want 100301", err)
	}
}

// The receiver verifies Sign with its own token, so a callback that arrives was signed with the same.
func TestTokenSignsFromTheNextAttemptOn(t *testing.T) {
	t.Parallel()
	const token = "token-set-by-rest"
	s := newSite(t)
	b := newBackend(t, token, accepts)
	s.configure(t, setup{url: b.url, commands: allCommands()})
	p := s.serve(t)
	c := s.client(t, p)
	ctx := t.Context()
	if _, err := c.GetCallbackToken(ctx); codeOf(err) != liveapi.CodeCallbackTokenNotFound {
		t.Errorf("get_callback_token before set_callback_token: %v, want 100302", err)
	}
	createRoom(t, c, "r1")
	if p.stderr.find("a lane is held", p.ended) == nil {
		t.Fatal("a callback without Sign was accepted")
	}
	text, on := token, true
	if err := c.SetCallbackToken(ctx, liveapi.SetCallbackTokenRequest{Token: &text, IsTokenEnable: &on}); err != nil {
		t.Fatal(err)
	}
	if d := b.next(t); d.Attempt < 2 || d.Lane != "r1" {
		t.Errorf("attempt %d of %q arrived, want a repeat of r1", d.Attempt, d.Lane)
	}
	got, err := c.GetCallbackToken(ctx)
	if diff := cmp.Diff(liveapi.CallbackToken{Token: token, IsTokenEnable: true}, got); err != nil || diff != "" {
		t.Errorf("get_callback_token: %v (-want +got):\n%s", err, diff)
	}
	wantNoSecret(t, p, append(s.secrets(), token)...)
}

// A lane keeps its order, so what was not discarded would arrive before the change that is made afterwards.
func TestDeleteCallbackDiscardsTheBacklog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", fails)
	s.configure(t, setup{url: b.url, commands: allCommands()})
	p := s.serve(t)
	c := s.client(t, p)
	createRoom(t, c, "r1")
	ctx := t.Context()
	if err := c.AddAdmin(ctx, "r1", "alice"); err != nil {
		t.Fatal(err)
	}
	if p.stderr.find("a lane is held", p.ended) == nil {
		t.Fatal("no attempt failed")
	}
	if err := c.DeleteCallback(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.AddAdmin(ctx, "r1", "bob"); err != nil { // nobody is to be told
		t.Fatal(err)
	}
	b.set(accepts)
	again := liveapi.CallbackConfig{URL: b.url, CallbackCommandList: []string{string(callback.CommandAfterModifyAdmin)}}
	if err := c.SetCallback(ctx, again); err != nil {
		t.Fatal(err)
	}
	if err := c.AddAdmin(ctx, "r1", "carol"); err != nil {
		t.Fatal(err)
	}
	type place struct{ RoomPrev, RoomSeq int64 }
	d := b.next(t)
	// 1 and 2 were discarded, 3 had no callback.
	if diff := cmp.Diff(place{2, 4}, place{d.RoomPrev, d.RoomSeq}); diff != "" {
		t.Errorf("the first callback afterwards (-want +got):\n%s", diff)
	}
	wantRestart(t, s, p, b)
}

// wantRestart restarts the process and checks that nothing but the next change is told.
func wantRestart(t *testing.T, s *site, p *process, b *backend) {
	t.Helper()
	p.stop(t)
	c := s.client(t, s.serve(t))
	if err := c.DeleteAdmin(t.Context(), "r1", "carol"); err != nil {
		t.Fatal(err)
	}
	for d := b.next(t); d.RoomSeq != 5; d = b.next(t) {
		if d.RoomSeq != 4 { // the last one may come again
			t.Errorf("Room-Seq %d arrived after the restart, want 4 again or 5", d.RoomSeq)
		}
	}
}
