package delivery

import (
	"fmt"
	"strings"
	"testing"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

var refusedOutcome = policy.Outcome{Durable: eventlog.Retry, Cloud: eventlog.Failed}

func TestAnswerThatRepeatsASecretIsNotKept(t *testing.T) {
	long := strings.Repeat("abcdefghij", 160)
	app := &live.App{
		Callback: &live.Callback{URL: "https://user:p%40ss@example.com/cb?key=q%2fsecret%3c&x=1&long=" + long},
		Token:    &live.Token{Token: `to<k>en&1"`, Enabled: true}, SigningSecrets: []string{"whsec_c2lnbmluZy8rMQ==", "whsec_c2Vjb25k"},
	}
	to := app.CallbackDestination()
	for _, secret := range []string{
		"p@ss", "p%40ss", "q/secret<", "q%2fsecret%3c", "q%2Fsecret%3C", `to<k>en&1"`, `to\u003ck\u003een\u00261\"`, "to%3Ck%3Een%261%22",
		callback.Sign("t", 1669872112), "dXNlcjpwQHNz", long, "whsec_c2lnbmluZy8rMQ==", "c2lnbmluZy8rMQ==", "c2lnbmluZy8rMQ%3D%3D", "whsec_c2Vjb25k",
	} {
		for _, body := range []string{
			secret, "not found: " + secret + "!", strings.Repeat("x", eventlog.MaxAnswer-3) + secret, strings.Repeat(secret+" ", 20),
		} {
			if got := answerStart(refusedOutcome, []byte(body), &to); got != withheld {
				t.Errorf("kept %q of %.80q", got, body)
			}
		}
	}
	if got, want := answerStart(refusedOutcome, []byte("no such path"), &to), "no such path"; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
}

func TestAnswerOfAnAppWithManyParametersCostsLittle(t *testing.T) {
	query := ""
	for i := range 300 {
		query += fmt.Sprintf("%d=%c&", i, 'a'+i%26)
	}
	to := &live.Destination{URL: "http://example.com/?" + query}
	got := answerStart(refusedOutcome, []byte(strings.Repeat("e", 64<<10)), to)
	if len(got) > eventlog.MaxAnswer {
		t.Errorf("kept %d bytes, want at most %d", len(got), eventlog.MaxAnswer)
	}
}

func TestNothingIsKeptOfAnAnswerThatEverybodyAccepts(t *testing.T) {
	ok := policy.Outcome{Durable: eventlog.Delivered, Cloud: eventlog.Delivered}
	if got := answerStart(ok, []byte(`{"ActionStatus":"OK"}`), &live.Destination{}); got != "" {
		t.Errorf("kept %q, want nothing", got)
	}
}
