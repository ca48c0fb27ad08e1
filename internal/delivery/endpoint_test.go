package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
)

func TestAnEndpointGetsEverythingFromItsCreationOnInOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		w.changes(2, 2)
		w.wantCalls("r0.1", "r0.2", "r1.1", "r1.2")
		w.endpoints("audit")
		w.changes(2, 2)
		w.wantCallsTo(map[string][]string{
			"":      {"r0.3", "r0.4", "r1.3", "r1.4"},
			"audit": {"r0.3", "r0.4", "r1.3", "r1.4"},
		})
		w.endpoints("audit", "shadow")
		w.modify("r0", 1)
		w.wantCallsTo(map[string][]string{"": {"r0.5"}, "audit": {"r0.5"}, "shadow": {"r0.5"}})
		w.pass(time.Second)
		w.wantRest("at the end")
	})
}

// There is one chain of numbers: whoever gets a callback gets it with the same headers and bytes.
func TestEveryEndpointGetsTheSameNumbersAndBytes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.endpoints("audit")
		w.modify("r1", 3)
		w.pass(time.Second)
		got := map[string][]call{}
		for _, c := range w.backend.take() {
			got[c.to()] = append(got[c.to()], c)
		}
		if len(got[""]) != 3 || len(got["audit"]) != 3 {
			t.Fatalf("got %d and %d calls, want 3 each", len(got[""]), len(got["audit"]))
		}
		for i, c := range got[""] {
			if other := got["audit"][i]; !cmp.Equal(c.Header, other.Header) || string(c.Body) != string(other.Body) {
				t.Errorf("%s: the endpoint gets other headers or bytes:\n%v %s\n%v %s", c, c.Header, c.Body, other.Header, other.Body)
			}
		}
	})
}

func TestAnEndpointDoesNotWaitForTheCallbackNorTheCallbackForIt(t *testing.T) {
	for _, c := range []struct {
		name     string
		sick     string
		well     string
		sickness reply
	}{
		{"the callback refuses", "", "audit", status(500)},
		{"the callback hangs", "", "audit", hang},
		{"the callback is gone", "", "audit", status(410)},
		{"the endpoint refuses", "audit", "", status(500)},
		{"the endpoint hangs", "audit", "", hang},
		{"the endpoint is gone", "audit", "", status(410)},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.endpoints("audit")
				w.backend.reply(toEndpoint(c.sick, c.sickness))
				begun := time.Now()
				for range 20 {
					w.changes(10, 1)
					w.pass(time.Second)
				}
				arrived := 0
				for _, call := range w.backend.take() {
					if call.to() == c.well {
						arrived++
					}
				}
				if arrived != 200 {
					t.Errorf("%d of 200 callbacks arrived in %v where all is well", arrived, time.Since(begun))
				}
				w.backend.reply(always(accept))
				if err := w.d.Resume(context.Background(), reader1); err != nil { // 410 pauses a reader
					t.Fatal(err)
				}
				if err := w.d.Resume(context.Background(), audit); err != nil {
					t.Fatal(err)
				}
				w.pass(time.Minute)
				last := map[string]int{}
				for _, call := range w.backend.all() {
					if call.to() == c.sick && call.RoomSeq > last[call.Lane] {
						if call.RoomSeq != last[call.Lane]+1 && last[call.Lane] != 0 {
							t.Errorf("%s came after change %d", call, last[call.Lane]-1)
						}
						last[call.Lane] = call.RoomSeq
					}
				}
				if last["r0"] != 21 {
					t.Errorf("the last of r0 is change %d, want 20", last["r0"]-1)
				}
			})
		})
	}
}

// Each reader has a limit of its own, and of the slots that all share a hung endpoint gets half at most.
func TestAHungEndpointDoesNotSlowTheCallback(t *testing.T) {
	inWorldWith(t, func(o *delivery.Options) { o.InFlight = 16 }, func(w *world) {
		w.endpoints("audit", "shadow")
		w.backend.reply(func(c call) reply { return map[bool]reply{true: hang}[c.to() != ""] })
		w.crowd(100) // nobody knows yet that they hang
		w.pass(time.Minute)
		w.backend.take()
		for range 30 {
			w.changes(3, 1)
			w.pass(333 * time.Millisecond)
		}
		for _, c := range w.backend.take() {
			if late := c.At.Sub(time.UnixMilli(eventTime(t, c))); c.to() == "" && late > 10*time.Millisecond {
				t.Errorf("%s was sent %v after its change, want at once", c, late)
			}
		}
		if err := w.d.Ready(); err != nil {
			t.Errorf("not ready: %v", err)
		}
	})
}

func TestABacklogOfAnEndpointOutlivesARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoints("audit")
		w.backend.reply(toEndpoint("audit", status(500)))
		w.changes(2, 3)
		w.pass(10 * time.Second)
		w.restart()
		w.backend.take()
		w.backend.reply(always(accept))
		w.pass(time.Minute)
		got := map[string][]string{}
		for _, c := range w.backend.take() {
			got[c.to()] = append(got[c.to()], fmt.Sprintf("%s.%d", c.Lane, c.RoomSeq-1))
		}
		want := map[string][]string{"audit": {"r0.1", "r0.2", "r0.3", "r1.1", "r1.2", "r1.3"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after the restart (-want +got):\n%s", diff)
		}
		w.wantRest("at the end")
	})
}

func TestAnEndpointThatIsGoneGetsNothingMore(t *testing.T) {
	for _, c := range []struct {
		name  string
		given func(w *world)
	}{
		{"at rest", func(w *world) { w.changes(2, 1) }},
		{"with held lanes", func(w *world) {
			w.backend.reply(func(c call) reply { return map[bool]reply{true: status(500)}[c.to() == "audit" && c.Lane == "r0"] })
			w.changes(4, 100)
		}},
		{"with its breaker open", func(w *world) {
			w.backend.reply(toEndpoint("audit", status(500)))
			w.changes(10, 3)
		}},
		{"with attempts in flight", func(w *world) {
			w.backend.reply(toEndpoint("audit", hang))
			w.changes(10, 3)
			synctest.Wait()
		}},
		{"paused", func(w *world) {
			if err := w.d.Pause(context.Background(), audit, asked); err != nil {
				w.t.Fatal(err)
			}
			w.changes(10, 3)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.endpoints("audit")
				c.given(w)
				w.pass(3 * time.Second)
				w.endpoints()
				w.pass(20 * time.Second)
				w.backend.take()
				w.modify("r0", 1)
				w.pass(time.Minute)
				w.wantGone(audit)
				for _, c := range w.backend.take() {
					if c.to() != "" {
						t.Errorf("%s was sent to %s", c, c.to())
					}
				}
				w.backend.reply(always(accept))
				w.endpoints("audit") // begins anew
				w.modify("r1", 1)
				w.pass(time.Second)
				var again []string
				for _, c := range w.backend.take() {
					if c.to() == "audit" {
						again = append(again, c.Lane)
					}
				}
				if diff := cmp.Diff([]string{"r1"}, again); diff != "" {
					t.Errorf("sent when it was added again (-want +got):\n%s", diff)
				}
				if errors := w.logs.with("level=ERROR"); len(errors) > 0 && c.name != "paused" {
					t.Errorf("logged as errors: %q", errors)
				}
			})
		})
	}
}

func TestAChangedURLOfAnEndpointGoesOnFromItsCursor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoints("audit")
		w.backend.reply(toEndpoint("audit", status(500)))
		w.changes(1, 3)
		w.pass(10 * time.Second)
		w.backend.take()
		w.editEndpoint("audit", func(e *live.Endpoint) { e.URL = endpointURL("elsewhere") })
		w.pass(time.Second)
		got := map[string]int{}
		for _, c := range w.backend.take() {
			got[fmt.Sprintf("%s %s.%d", c.to(), c.Lane, c.RoomSeq-1)]++
		}
		if diff := cmp.Diff(map[string]int{"elsewhere r0.1": 1, "elsewhere r0.2": 1, "elsewhere r0.3": 1}, got); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestEachEndpointHasATokenSecretsAndDeliveryOfItsOwn(t *testing.T) {
	const first, second = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	inWorld(t, func(w *world) {
		w.endpoints("audit", "shadow")
		w.configure(app1, func(a *live.App) {
			a.Token, a.SigningSecrets = &live.Token{Token: secretToken, Enabled: true}, []string{first}
		})
		w.editEndpoint("audit", func(e *live.Endpoint) {
			e.Token, e.SigningSecrets, e.TLS.CA, e.Delivery.Timeout = "audit-token", []string{second, first}, "audit.pem", 3*time.Second
		})
		w.create("r1")
		w.modify("r1", 1)
		synctest.Wait()
		want := map[string]struct {
			token   string
			secrets []string
			timeout time.Duration
			ca      string
		}{
			"":       {secretToken, []string{first}, 5 * time.Second, ""},
			"audit":  {"audit-token", []string{second, first}, 3 * time.Second, "audit.pem"},
			"shadow": {"", nil, 5 * time.Second, ""},
		}
		calls := w.backend.take()
		if len(calls) != len(want) {
			t.Fatalf("got %d calls, want %d", len(calls), len(want))
		}
		for _, c := range calls {
			want := want[c.to()]
			u, err := url.Parse(c.URL)
			if err != nil {
				t.Fatal(err)
			}
			sign := ""
			if want.token != "" {
				sign = callback.Sign(want.token, c.At.Unix())
			}
			if got := u.Query().Get("Sign"); got != sign {
				t.Errorf("%q: Sign is %q, want %q", c.to(), got, sign)
			}
			if c.Timeout != want.timeout || c.TLS.CA != want.ca {
				t.Errorf("%q: timeout %v and CA %q, want %v and %q", c.to(), c.Timeout, c.TLS.CA, want.timeout, want.ca)
			}
			if len(want.secrets) == 0 {
				if got := c.Header.Get(callback.HeaderSignature); got != "" {
					t.Errorf("%q: signed as %s without a secret", c.to(), got)
				}
				continue
			}
			for _, secret := range want.secrets {
				signer, err := callback.NewSigner(secret)
				if err != nil {
					t.Fatal(err)
				}
				if err := signer.Verify(c.Header, c.Body, c.At); err != nil {
					t.Errorf("%q with the secret %s: %v", c.to(), secret, err)
				}
			}
		}
	})
}

func TestNothingIsSentUnsignedWhenASecretCannotBeUsed(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.configure(app1, func(a *live.App) { a.SigningSecrets = []string{"whsec_hunter2"} })
		w.modify("r1", 1)
		w.pass(10 * time.Second)
		w.wantCalls()
		w.wantLog(1, "nothing is sent: a signing secret cannot be used", "with a secret that is none")
		w.wantLog(0, "hunter2", "with a secret that is none")
		w.configure(app1, func(a *live.App) { a.SigningSecrets = nil })
		w.pass(10 * time.Second)
		w.wantCalls("r1.1")
	})
}

// Where nobody is called at the callback URL, its reader is done with everything at once and has nothing to announce later.
func TestWithoutACallbackURLOnlyTheEndpointsAreCalled(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoints("audit")
		w.configure(app1, func(a *live.App) { a.Callback = &live.Callback{Commands: a.Callback.Commands} })
		w.changes(2, 100)
		w.pass(time.Second)
		w.wantRest("when all was sent to the endpoint")
		arrived := 0
		for _, c := range w.backend.take() {
			if c.to() == "audit" {
				arrived++
			} else {
				t.Errorf("%s was sent to %s", c, c.URL)
			}
		}
		if arrived != 200 {
			t.Errorf("the endpoint got %d callbacks, want 200", arrived)
		}
		w.restart()
		commands := []string{string(callback.CommandAfterModifyAdmin)}
		w.do(app1, live.UpdateCallback{Callback: live.Callback{URL: secretURL, Commands: commands}})
		w.changes(2, 1)
		w.pass(time.Second)
		w.wantToCallback("r0.101", "r1.101")
	})
}

func TestABacklogOfACallbackWhoseURLIsTakenAwayIsDiscardedAndAnnounced(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoints("audit")
		w.backend.reply(toEndpoint("", status(500)))
		w.changes(10, 2)
		w.pass(time.Minute)
		w.configure(app1, func(a *live.App) { a.Callback = &live.Callback{Commands: a.Callback.Commands} })
		w.pass(time.Minute)
		w.wantRest("when the backlog is discarded")
		w.changes(5, 1) // nobody is called
		w.pass(time.Second)
		w.backend.take()
		w.backend.reply(always(accept))
		w.configure(app1, func(a *live.App) { a.Callback = &live.Callback{URL: secretURL, Commands: a.Callback.Commands} })
		w.changes(2, 1)
		w.pass(time.Second)
		w.wantToCallback("r0.4 skips 1-3", "r1.4 skips 1-3")
	})
}

// delete_callback is about the documented callback; what an endpoint has before it is still sent.
func TestDeletingTheCallbackDiscardsNothingOfAnEndpoint(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoints("audit")
		w.backend.reply(always(status(500)))
		w.changes(2, 3)
		w.pass(10 * time.Second)
		w.deleteCallback()
		w.changes(2, 1) // nobody is subscribed: the commands went with the callback
		w.pass(time.Second)
		w.backend.take()
		w.backend.reply(always(accept))
		w.pass(time.Minute)
		w.setCallback()
		w.changes(2, 1)
		w.pass(time.Second)
		got := map[string][]string{}
		for _, c := range w.backend.take() {
			got[c.to()] = append(got[c.to()], fmt.Sprintf("%s.%d%s", c.Lane, c.RoomSeq-1, c.skips()))
		}
		want := map[string][]string{
			"":      {"r0.5 skips 1-3", "r1.5 skips 1-3"},
			"audit": {"r0.1", "r0.2", "r0.3", "r0.5", "r1.1", "r1.2", "r1.3", "r1.5"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestAPauseOfAnEndpointLeavesTheOthersAlone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoints("audit", "shadow")
		if err := w.d.Pause(context.Background(), audit, asked); err != nil {
			t.Fatal(err)
		}
		w.changes(1, 2)
		w.pass(time.Hour)
		w.wantCallsTo(map[string][]string{"": {"r0.1", "r0.2"}, "shadow": {"r0.1", "r0.2"}})
		w.restart()
		w.pass(time.Hour)
		w.wantCallsTo(map[string][]string{})
		if err := w.d.Resume(context.Background(), audit); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
		w.wantCallsTo(map[string][]string{"audit": {"r0.1", "r0.2"}})
		nobody := delivery.ReaderID{App: app1, Name: delivery.EndpointReader("nobody")}
		if err := w.d.Pause(context.Background(), nobody, asked); !errors.Is(err, delivery.ErrNoReader) {
			t.Errorf("pausing an endpoint that is not there: %v, want %v", err, delivery.ErrNoReader)
		}
	})
}

func TestARedeliveryGoesToTheEndpointWhoseDeadLettersItSends(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoints("audit")
		w.editEndpoint("audit", func(e *live.Endpoint) { e.Delivery.GiveUpAfter = time.Second })
		w.giveUpAfter(time.Second)
		w.create("r1", "r2")
		w.backend.reply(func(c call) reply { return map[bool]reply{true: status(500)}[c.Lane == "r1" && c.RoomSeq <= 3] })
		w.modify("r1", 3)
		w.alive("r2", 20*time.Second)
		if here, there := len(w.letters(app1)), len(w.lettersOf(audit)); here != 2 || there != 2 {
			t.Fatalf("%d and %d dead letters, want 2 each", here, there)
		}
		w.backend.reply(always(accept))
		w.backend.take()
		id := w.again(delivery.Redelivery{Reader: audit.Name, DeadOnly: true})
		w.pass(time.Second)
		w.wantCallsTo(map[string][]string{"audit": {"r1.1", "r1.2"}})
		if here, there := len(w.letters(app1)), len(w.lettersOf(audit)); here != 2 || there != 0 {
			t.Errorf("%d and %d dead letters are left, want 2 and none", here, there)
		}
		if _, err := w.db.Open(context.Background(), id); !errors.Is(err, delivery.ErrNoReader) {
			t.Errorf("the redelivery has not ended: %v", err)
		}
		w.again(delivery.Redelivery{Lane: "r1"})
		w.pass(time.Second)
		w.wantCallsTo(map[string][]string{"": {"r1.1", "r1.2", "r1.3"}})
		_, err := w.d.Redeliver(context.Background(), app1, delivery.Redelivery{Reader: shadow.Name, From: 1, To: 9})
		if !errors.Is(err, delivery.ErrNoReader) {
			t.Errorf("a redelivery to an endpoint that is not there: %v, want %v", err, delivery.ErrNoReader)
		}
		_, err = w.d.Redeliver(context.Background(), app1, delivery.Redelivery{Reader: id.Name, From: 1, To: 9})
		if !errors.Is(err, delivery.ErrNoReader) {
			t.Errorf("a redelivery of a redelivery: %v, want %v", err, delivery.ErrNoReader)
		}
	})
}

func TestMetricsTellWhichReaderIsBehind(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoints("audit")
		w.backend.reply(toEndpoint("audit", status(500)))
		w.changes(1, 3)
		w.pass(5 * time.Second)
		got := w.backlogs()
		if n := got["callboard_app_backlog_events endpoint-audit 1400000001"]; n != 3 {
			t.Errorf("the backlog of the endpoint is %v, want 3, in %v", n, got)
		}
		if n, ok := got["callboard_app_backlog_events callback 1400000001"]; ok {
			t.Errorf("the callback has a backlog of %v, want none", n)
		}
	})
}

func TestARedeliveryEndsWithItsEndpoint(t *testing.T) {
	inWorld(t, func(w *world) {
		w.endpoints("audit")
		w.changes(2, 3)
		w.pass(time.Second)
		w.backend.reply(func(c call) reply {
			return map[bool]reply{true: status(500)}[c.Header.Get(callback.HeaderReplay) != ""]
		})
		id := w.again(delivery.Redelivery{Reader: audit.Name})
		w.pass(10 * time.Second)
		w.endpoints()
		w.pass(10 * time.Second)
		w.wantGone(audit)
		w.wantGone(id)
	})
}

// What an endpoint does not take is kept as long as the log is, and no longer, whatever the callback does.
func TestTheLogIsKeptForAnEndpointUntilItsAge(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.endpoints("audit")
		w.backend.reply(toEndpoint("audit", status(500)))
		w.changes(3, 2) // 3 are the rooms themselves
		w.pass(59 * time.Minute)
		if got := seqs(w.log(app1)); got != "1-9" {
			t.Errorf("the log has %s before its age, want 1-9", got)
		}
		w.restart() // the endpoint's reader need not be in memory
		w.pass(3 * time.Hour)
		if got := seqs(w.log(app1)); got != "none" {
			t.Errorf("the log has %s after its age, want none", got)
		}
		if here, there := len(w.letters(app1)), len(w.lettersOf(audit)); here != 0 || there != 6 {
			t.Errorf("%d and %d dead letters, want none and 6", here, there)
		}
	})
}

// wantToCallback compares what was sent to the callback URL since the last look.
func (w *world) wantToCallback(want ...string) {
	w.t.Helper()
	var got []string
	for _, c := range w.backend.take() {
		if c.to() == "" {
			got = append(got, c.whole())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("calls of the callback URL (-want +got):\n%s", diff)
	}
}
