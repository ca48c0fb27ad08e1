package delivery_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// timed writes when each call came, from the first on.
func timed(calls []call) []string {
	var list []string
	for _, c := range calls {
		list = append(list, c.At.Sub(calls[0].At).String()+" "+c.String())
	}
	return list
}

func TestAFailingCallbackIsTriedOnScheduleAndItsLaneWaits(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.backend.reply(func(c call) reply {
			if c.Lane == "r1" && c.RoomSeq == 2 && c.Attempt < 5 {
				return status(500)
			}
			return nil
		})
		w.modify("r1", 3)
		w.modify("r2", 1)
		w.pass(time.Minute)
		want := []string{"0s r1.1", "1s r1.1#2", "3s r1.1#3", "7s r1.1#4", "15s r1.1#5", "15s r1.2", "15s r1.3", "0s r2.1"}
		if diff := cmp.Diff(want, timed(w.backend.take())); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestARefusedCallbackIsSentAgainWithTheSameBytes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.backend.reply(func(c call) reply { return map[bool]reply{true: status(500)}[c.Attempt < 3] })
		w.modify("r1", 1)
		w.pass(10 * time.Second)
		calls := w.backend.all()
		if len(calls) != 3 {
			t.Fatalf("got %d calls, want 3", len(calls))
		}
		for _, c := range calls[1:] {
			if diff := cmp.Diff(string(calls[0].Body), string(c.Body)); diff != "" {
				t.Errorf("the body of attempt %d (-first +this):\n%s", c.Attempt, diff)
			}
			c.Header.Set("Callboard-Attempt", "1")
			if diff := cmp.Diff(calls[0].Header, c.Header); diff != "" {
				t.Errorf("the headers of attempt %d (-first +this):\n%s", c.Attempt, diff)
			}
		}
	})
}

func TestEveryAttemptIsRecordedWithBothVerdicts(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		replies := []reply{status(500), hang, body(200, `{"ActionStatus":"FAIL","ErrorCode":7}`), status(204)}
		w.backend.reply(func(c call) reply { return replies[c.Attempt-1] })
		w.modify("r1", 1)
		w.pass(time.Minute)
		retry, failed, delivered := eventlog.Retry, eventlog.Failed, eventlog.Delivered
		want := []eventlog.Attempt{
			{Seq: 2, Number: 1, Status: 500, Durable: retry, Cloud: failed, Counted: retry, Why: "status 500"},
			{Seq: 2, Number: 2, Duration: 5 * time.Second, Durable: retry, Cloud: failed, Counted: retry, Why: "timed out waiting for an answer"},
			{Seq: 2, Number: 3, Status: 200, Durable: retry, Cloud: delivered, Counted: retry, Why: `status 200, ActionStatus FAIL, ErrorCode 7`,
				Answer: `{"ActionStatus":"FAIL","ErrorCode":7}`},
			{Seq: 2, Number: 4, Status: 204, Durable: delivered, Cloud: failed, Counted: delivered, Why: "status 204 with an empty body"},
		}
		if diff := cmp.Diff(want, w.store.attempts(), cmpopts.IgnoreFields(eventlog.Attempt{}, "At")); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

func TestStrictAnswersRetryWhatIsNotTheDocumentedAnswer(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.configure(app1, func(a *live.App) { a.Delivery.StrictAnswers = true })
		w.backend.reply(func(c call) reply { return map[int]reply{1: body(200, "ok"), 2: status(204)}[c.Attempt] })
		w.modify("r1", 2)
		w.pass(10 * time.Second)
		w.wantCalls("r1.1", "r1.1#2", "r1.1#3", "r1.2", "r1.2#2", "r1.2#3")
	})
}

func TestWhatIsKeptOfAnAnswerIsShortText(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.backend.reply(always(body(200, "\x00\xff"+strings.Repeat("é", 1000))))
		w.modify("r1", 1)
		w.pass(time.Second / 2)
		if got, want := w.store.attempts()[0].Answer, strings.Repeat("é", eventlog.MaxAnswer/2); got != want {
			t.Errorf("kept %q, want %q", got, want)
		}
	})
}

func TestANewlyHeldLaneIsToldOnceInWordsThatHelp(t *testing.T) {
	cases := []struct {
		name  string
		reply reply
		want  []string
	}{
		{"what the cloud would have lost", status(503), []string{
			`event=1400000001-`, `-2 `, `lane=r1`, `reason="status 503"`, `the_cloud="would have lost this callback: it does not try again"`, `in=1s`}},
		{"what the cloud would have ignored", body(200, `{"ErrorCode":9}`), []string{
			`reason="status 200, ActionStatus absent, ErrorCode 9"`, `the_cloud="would have ignored this answer and counted the callback as delivered"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.create("r1")
				w.backend.reply(lane("r1", c.reply))
				w.modify("r1", 3)
				w.pass(time.Minute)
				told := w.logs.with("a lane is held")
				if len(told) != 1 {
					t.Fatalf("got %d lines, want 1: %q", len(told), told)
				}
				want := append(c.want, "next_try="+w.backend.all()[1].At.UTC().Format(time.RFC3339Nano))
				for _, fragment := range want {
					if !strings.Contains(told[0], fragment) {
						t.Errorf("the line is %q, want %s in it", told[0], fragment)
					}
				}
			})
		})
	}
}

func TestNoSecretIsLogged(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		token, on := secretToken, true
		w.do(app1, live.SetToken{Token: &token, Enabled: &on})
		w.configure(app1, func(a *live.App) { a.Key = "key-that-nobody-may-read" })
		w.backend.reply(always(status(500)))
		w.store.fail(before, "Settle")
		w.modify("r1", 100)
		w.pass(3 * time.Second)
		w.store.fail(0)
		w.restart()
		synctest.Wait()
		if len(w.logs.with("a lane is held")) == 0 || len(w.logs.with("the store failed")) == 0 {
			t.Fatalf("the log has not what is to be searched: %q", w.logs.with(""))
		}
		for _, secret := range []string{secretToken, "key-that-nobody-may-read", "password", "secret", "Sign="} {
			if found := w.logs.with(secret); found != nil {
				t.Errorf("%q is logged: %q", secret, found)
			}
		}
	})
}
