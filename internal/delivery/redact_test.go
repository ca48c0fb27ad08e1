package delivery

import (
	"net/url"
	"strings"
	"testing"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func TestAnswerIsKeptWithoutTheSecretsThatWeSent(t *testing.T) {
	app := &live.App{
		Callback: &live.Callback{URL: "https://user:p%40ss@example.com/cb?key=q%2Fsecret&x=1"},
		Token:    &live.Token{Token: "t0ken", Enabled: true},
	}
	sign := callback.Sign("t0ken", 1669872112)
	retry := policy.Outcome{Durable: eventlog.Retry, Cloud: eventlog.Failed}
	for _, secret := range []string{"p@ss", "p%40ss", "q/secret", "q%2Fsecret", "t0ken", sign, "dXNlcjpwQHNz", url.QueryEscape("q/secret")} {
		for _, body := range []string{secret, "not found: " + secret + "!", strings.Repeat("x", eventlog.MaxAnswer-3) + secret} {
			if got := answerStart(retry, []byte(body), app); strings.Contains(got, secret) || len(got) > eventlog.MaxAnswer {
				t.Errorf("kept %q of %q", got, body)
			}
		}
	}
	if got, want := answerStart(retry, []byte("no such path"), app), "no such path"; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
}

func TestNothingIsKeptOfAnAnswerThatEverybodyAccepts(t *testing.T) {
	ok := policy.Outcome{Durable: eventlog.Delivered, Cloud: eventlog.Delivered}
	if got := answerStart(ok, []byte(`{"ActionStatus":"OK"}`), &live.App{}); got != "" {
		t.Errorf("kept %q, want nothing", got)
	}
}
