package policy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
)

// FuzzClassify holds what is true of every answer, whatever an App backend or something before it sends.
func FuzzClassify(f *testing.F) {
	for _, b := range bodies {
		if len(b.body) < 1024 {
			f.Add("", 200, []byte(b.body), b.tooLarge)
			f.Add("", 204, []byte(b.body), b.tooLarge)
		}
	}
	f.Add("timeout: \xff\x00", 0, []byte(nil), false)
	f.Fuzz(func(t *testing.T, failure string, status int, body []byte, tooLarge bool) {
		a := policy.Answer{Failure: failure, Status: status, Body: body, TooLarge: tooLarge}
		lenient, strict := policy.Classify(a, false), policy.Classify(a, true)
		for _, o := range []policy.Outcome{lenient, strict} {
			if o.Durable != eventlog.Delivered && o.Durable != eventlog.Retry {
				t.Errorf("durable: got %v, want delivered or retry", o.Durable)
			}
			if o.Cloud != eventlog.Delivered && o.Cloud != eventlog.Failed {
				t.Errorf("cloud: got %v, want delivered or failed", o.Cloud)
			}
			why := string(o.Why)
			if why == "" && failure == "" || len(why) > eventlog.MaxReason || !utf8.ValidString(why) || strings.Contains(why, "\x00") {
				t.Errorf("the reason %q is not 1 to %d bytes of text", why, eventlog.MaxReason)
			}
		}
		if strict.Durable == eventlog.Delivered && lenient.Durable != eventlog.Delivered {
			t.Error("strict accepts what lenient does not")
		}
		if strict.Cloud != lenient.Cloud {
			t.Error("strict changes what the cloud would have done")
		}
		delivered := lenient.Durable == eventlog.Delivered || lenient.Cloud == eventlog.Delivered
		if delivered && (failure != "" || tooLarge || status < 200 || status > 299) {
			t.Errorf("delivered with failure %q, status %d, too large %v", failure, status, tooLarge)
		}
		if lenient.Cloud == eventlog.Delivered && status != 200 {
			t.Errorf("the cloud delivers with status %d", status)
		}
		info, _ := json.Marshal(string(body))
		yes := []byte(`{"ActionStatus":"OK","ErrorInfo":` + string(info) + `,"ErrorCode":0}`)
		if o := policy.Classify(policy.Answer{Status: 200, Body: yes}, true); o.Durable != eventlog.Delivered || o.Cloud != eventlog.Delivered {
			t.Errorf("the documented answer with ErrorInfo %s: got %v and %v, want delivered", info, o.Durable, o.Cloud)
		}
	})
}
