package delivery_test

import (
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

func TestSettingsAreReadAtEveryAttempt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.backend.reply(always(status(500)))
		w.modify("r1", 1)
		w.pass(time.Second) // two attempts
		token, on := secretToken, true
		w.do(app1, live.SetToken{Token: &token, Enabled: &on})
		commands := []string{string(callback.CommandAfterModifyAdmin)}
		w.do(app1, live.UpdateCallback{Callback: live.Callback{URL: "https://example.com/other", Commands: commands}})
		w.configure(app1, func(a *live.App) {
			a.Delivery.Timeout, a.CallbackTLS = 3*time.Second, live.TLSFiles{CA: "ca.pem"}
		})
		w.pass(2 * time.Second)
		calls := w.backend.all()
		if len(calls) < 3 {
			t.Fatalf("got %d calls, want 3 or more", len(calls))
		}
		before, now := calls[1], calls[len(calls)-1]
		if !strings.HasPrefix(before.URL, secretURL+"&SdkAppid=") || before.Timeout != 5*time.Second {
			t.Errorf("before: %s with a timeout of %v, want the first settings", before.URL, before.Timeout)
		}
		if !strings.HasPrefix(now.URL, "https://example.com/other?SdkAppid=") {
			t.Errorf("now: got %s, want the new URL", now.URL)
		}
		if now.Timeout != 3*time.Second || now.TLS.CA != "ca.pem" {
			t.Errorf("now: timeout %v and CA %q, want the new settings", now.Timeout, now.TLS.CA)
		}
		u, err := url.Parse(now.URL)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := u.Query().Get("Sign"), callback.Sign(secretToken, now.At.Unix()); got != want {
			t.Errorf("Sign is %q, want %q: that of the new token at the time of this attempt", got, want)
		}
	})
}

func TestANewProfileDecidesAtTheNextAttempt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.backend.reply(always(status(500)))
		w.modify("r1", 2)
		w.pass(time.Second)
		w.configure(app1, cloud)
		w.pass(time.Minute)
		w.wantCalls("r1.1", "r1.1#2", "r1.1#3", "r1.2")
	})
}

func TestWhatWasCommittedWhileASwitchWasOnIsSentAfterItIsOff(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.backend.reply(always(status(500)))
		w.modify("r1", 2)
		synctest.Wait()
		w.do(app1, live.UpdateCallback{Callback: live.Callback{URL: secretURL}})
		synctest.Wait()
		w.modify("r1", 1)
		w.backend.reply(always(accept))
		w.pass(time.Minute)
		w.wantCalls("r1.1", "r1.1#2", "r1.1#3", "r1.2") // the second attempt is made at once, for the new settings
	})
}

func TestNewSettingsAreTriedAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.backend.reply(always(status(500)))
		w.modify("r1", 1)
		w.modify("r2", 1)
		w.pass(40 * time.Second) // the next tries are 23 s away
		w.backend.take()
		w.backend.reply(always(accept))
		commands := []string{string(callback.CommandAfterModifyAdmin)}
		w.do(app1, live.UpdateCallback{Callback: live.Callback{URL: "https://example.com/other", Commands: commands}})
		w.wantCalls("r1.1#7", "r2.1#7")
	})
}

func TestARestartIsNotNeededWhenTheCallbackIsNotKnownHereYet(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.hide(func(a *live.App) { a.Callback = nil })
		w.modify("r1", 1)
		w.pass(3 * time.Second)
		w.wantCalls()
		w.hide(nil)
		w.pass(time.Second)
		w.wantCalls("r1.1")
	})
}

func TestDeletingTheCallbackDiscardsTheBacklogAndNothingLater(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2", "r3")
		w.backend.reply(func(c call) reply {
			if c.Lane == "r3" {
				return after(time.Second, accept)
			}
			return status(500)
		})
		w.modify("r1", 100)
		w.modify("r2", 2)
		w.modify("r3", 100)
		w.wantCalls("r1.1", "r2.1", "r3.1")
		w.do(app1, live.DeleteCallback{})
		w.modify("r1", 1) // nobody is subscribed
		commands := []string{string(callback.CommandAfterModifyAdmin)}
		w.do(app1, live.SetCallback{Callback: live.Callback{URL: secretURL, Commands: commands}})
		w.backend.reply(always(accept))
		w.modify("r1", 1)
		w.pass(time.Minute)
		w.wantCalls("r1.102")
		if n := w.d.Running(); n != 0 {
			t.Errorf("%d readers run after the backlog was discarded, want none", n)
		}
		w.restart()
		w.pass(time.Minute)
		w.wantCalls()
	})
}

func TestEventsWithoutACallbackAreSettledUnsent(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(app1, live.UpdateCallback{Callback: live.Callback{URL: secretURL}})
		w.create("r1")
		w.modify("r1", 5)
		w.pass(time.Second)
		w.wantCalls()
		last := w.store.settled[len(w.store.settled)-1]
		if diff := cmp.Diff(int64(6), last.Cursor.Done()); diff != "" {
			t.Errorf("the cursor (-want +got):\n%s", diff)
		}
	})
}
