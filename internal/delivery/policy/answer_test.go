package policy_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// row is one row of the answer table in design.md section 6.
type row int

const (
	documented row = iota // the documented yes
	saysNo                // an object with FAIL or an ErrorCode
	plain                 // a yes to a person, not to the documented service
	notAnswer             // a proxy's page, or broken
)

// bodies are kinds of body, each with its row when the status is 200.
var bodies = []struct {
	name     string
	body     string
	tooLarge bool
	row      row
}{
	{"the documented answer", `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`, false, documented},
	{"an empty object", `{}`, false, documented},
	{"only ActionStatus", `{"ActionStatus":"OK"}`, false, documented},
	{"only ErrorCode", `{"ErrorCode":0}`, false, documented},
	{"other fields of other types", `{"code":500,"ErrorInfo":["x"],"data":{"ErrorCode":7}}`, false, documented},
	{"ErrorCode null", `{"ErrorCode":null}`, false, documented},
	{"ActionStatus null", `{"ActionStatus":null}`, false, documented},
	{"ErrorCode 0 as text", `{"ErrorCode":"0"}`, false, documented},
	{"ErrorCode 0 as a fraction", `{"ErrorCode":0.0}`, false, documented},
	{"ErrorCode empty text", `{"ErrorCode":""}`, false, documented},
	{"a key twice: the last counts", `{"ErrorCode":5,"ErrorCode":0}`, false, documented},
	{"white space around", "\r\n\t {\"ErrorCode\": 0} \n", false, documented},
	{"a byte order mark", "\xef\xbb\xbf{\"ActionStatus\":\"OK\",\"ErrorCode\":0}", false, documented},
	{"byte order marks and white space", "\xef\xbb\xbf\n\xef\xbb\xbf {\"ErrorCode\":0}", false, documented},
	{"a long object", `{"ErrorInfo":"` + strings.Repeat("x", 60<<10) + `"}`, false, documented},

	{"FAIL", `{"ActionStatus":"FAIL","ErrorCode":0}`, false, saysNo},
	{"FAIL in small letters", `{"ActionStatus":"fail"}`, false, saysNo},
	{"FAIL after a byte order mark", "\xef\xbb\xbf{\"ActionStatus\":\"FAIL\"}", false, saysNo},
	{"FAIL after two byte order marks", "\xef\xbb\xbf\xef\xbb\xbf{\"ActionStatus\":\"FAIL\"}", false, saysNo},
	{"ErrorCode 1", `{"ActionStatus":"OK","ErrorCode":1}`, false, saysNo},
	{"ErrorCode -1", `{"ErrorCode":-1}`, false, saysNo},
	{"ErrorCode half", `{"ErrorCode":0.5}`, false, saysNo},
	{"ErrorCode 1 as text", `{"ErrorCode":"1"}`, false, saysNo},
	{"ErrorCode a word", `{"ErrorCode":"overloaded"}`, false, saysNo},
	{"ErrorCode true", `{"ErrorCode":true}`, false, saysNo},
	{"ErrorCode an object", `{"ErrorCode":{}}`, false, saysNo},
	{"a key twice: the last says no", `{"ErrorCode":0,"ErrorCode":5}`, false, saysNo},

	{"nothing", "", false, plain},
	{"white space only", " \r\n", false, plain},
	{"a byte order mark only", "\xef\xbb\xbf", false, plain},
	{"ok", "ok", false, plain},
	{"64 bytes of text", strings.Repeat("x", 64), false, plain},
	{"64 bytes and a line feed", strings.Repeat("x", 64) + "\n", false, plain},
	{"a JSON string", `"success"`, false, plain},
	{"a JSON number", `0`, false, plain},
	{"JSON null", `null`, false, plain},
	{"JSON false", `false`, false, plain},
	{"a JSON array", `[{"ErrorCode":5}]`, false, plain},

	{"65 bytes of text", strings.Repeat("x", 65), false, notAnswer},
	{"a long JSON string", `"` + strings.Repeat("x", 64) + `"`, false, notAnswer},
	{"a long JSON array", `[` + strings.Repeat("1,", 40) + `1]`, false, notAnswer},
	{"a broken array", `[1,2`, false, notAnswer},
	{"a page", "<!DOCTYPE html><html><body>Sign in</body></html>", false, notAnswer},
	{"a short page", "<p>ok", false, notAnswer},
	{"a page after a byte order mark and white space", "\xef\xbb\xbf \n<html>", false, notAnswer},
	{"a cut off object", `{"ActionStatus":"OK","ErrorCode":0`, false, notAnswer},
	{"no JSON between braces", `{ok}`, false, notAnswer},
	{"two objects", `{"ErrorCode":0}{"ErrorCode":0}`, false, notAnswer},
	{"trailing text", `{"ErrorCode":0} ok`, false, notAnswer},
	{"a comment before the object", "//{\"ErrorCode\":0}" + strings.Repeat(" x", 40), false, notAnswer},
	{"the documented answer in gzip", compressed(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`), false, notAnswer},
	{"a short no in gzip", compressed(`{"ErrorCode":1}`), false, notAnswer},
	{"a short yes in gzip", compressed("ok"), false, notAnswer},
	{"nothing in gzip", compressed(""), false, notAnswer},
	{"half of an answer in gzip", compressed(`{"ErrorCode":0}`)[:20], false, notAnswer},
	{"a no in UTF-16", "\xff\xfe{\x00}\x00", false, notAnswer},
	{"a no in UTF-16, the other way round", "\xfe\xff\x00{\x00}", false, notAnswer},
	{"a NUL", "\x00", false, notAnswer},
	{"noise", "\x01\x02\xfe\xff", false, notAnswer},
	{"a terminal's colours", "\x1b[32mok", false, notAnswer},
	{"a short text of another character set", "\xb3\xc9\xb9\xa6", false, plain},
	{"more than 64 KiB", `{"ErrorCode":0}`, true, notAnswer},
	{"more than 64 KiB of nothing", "", true, notAnswer},
}

// compressed is text as a server sends it that compresses without having been asked to.
func compressed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

type verdicts struct{ durable, strict, cloud eventlog.Verdict }

// want is the table itself.
func want(status int, r row) verdicts {
	switch {
	case status < 200 || status > 299 || r == notAnswer:
		return verdicts{eventlog.Retry, eventlog.Retry, eventlog.Failed}
	case r == saysNo && status == 200:
		return verdicts{eventlog.Retry, eventlog.Retry, eventlog.Delivered}
	case r == saysNo:
		return verdicts{eventlog.Retry, eventlog.Retry, eventlog.Failed}
	case r == documented && status == 200:
		return verdicts{eventlog.Delivered, eventlog.Delivered, eventlog.Delivered}
	}
	return verdicts{eventlog.Delivered, eventlog.Retry, eventlog.Failed}
}

func TestEveryAnswerIsJudgedByTheTable(t *testing.T) {
	for _, b := range bodies {
		t.Run(b.name, func(t *testing.T) {
			for status := range 1000 { // all that three digits can say: HTTP names 100 to 599, net/http takes the rest
				a := policy.Answer{Status: status, Body: []byte(b.body), TooLarge: b.tooLarge}
				lenient, strict := policy.Classify(a, false), policy.Classify(a, true)
				got := verdicts{lenient.Durable, strict.Durable, lenient.Cloud}
				if diff := cmp.Diff(want(status, b.row), got, cmp.AllowUnexported(verdicts{})); diff != "" {
					t.Errorf("status %d (-want +got):\n%s", status, diff)
				}
				if strict.Cloud != lenient.Cloud {
					t.Errorf("status %d: strict changes what the cloud would have done: got %v, want %v", status, strict.Cloud, lenient.Cloud)
				}
				if why := string(lenient.Why); !strings.Contains(why, fmt.Sprintf("status %d", status)) {
					t.Errorf("status %d: the reason is %q, want the status in it", status, why)
				}
			}
		})
	}
}

func TestWithoutAWholeAnswerACallbackIsNotDelivered(t *testing.T) {
	for _, a := range []policy.Answer{
		{Failure: "timeout: timed out waiting for an answer"},
		{Failure: "cut_off: connection ended", Status: 200, Body: []byte(`{"ErrorCode":0}`)},
	} {
		for _, strict := range []bool{false, true} {
			got := policy.Classify(a, strict)
			wanted := policy.Outcome{Durable: eventlog.Retry, Cloud: eventlog.Failed, Why: eventlog.Reason(a.Failure)}
			if diff := cmp.Diff(wanted, got); diff != "" {
				t.Errorf("strict %v (-want +got):\n%s", strict, diff)
			}
		}
	}
}

func TestAProfileTakesItsOwnVerdict(t *testing.T) {
	o := policy.Outcome{Durable: eventlog.Retry, Cloud: eventlog.Delivered}
	for profile, want := range map[live.Profile]eventlog.Verdict{
		live.Durable: eventlog.Retry, live.Cloud: eventlog.Delivered, "": eventlog.Retry,
	} {
		if got := o.Verdict(profile); got != want {
			t.Errorf("profile %q: got %v, want %v", profile, got, want)
		}
	}
}

func TestAReasonIsShortAndReadable(t *testing.T) {
	long := strings.Repeat("é", eventlog.MaxReason)
	cases := []struct {
		name   string
		answer policy.Answer
		want   string
	}{
		{"what was answered", policy.Answer{Status: 200, Body: []byte(`{"ActionStatus":"FAIL","ErrorCode":7}`)},
			`status 200, ActionStatus FAIL, ErrorCode 7`},
		{"what is absent", policy.Answer{Status: 200, Body: []byte(`{"ErrorCode":7}`)}, `status 200, ActionStatus absent, ErrorCode 7`},
		{"a control character", policy.Answer{Status: 200, Body: []byte(`{"ErrorCode":"\u0000\n"}`)}, `status 200, ActionStatus absent, ErrorCode that is no short integer`},
		{"a long code", policy.Answer{Status: 200, Body: []byte(`{"ErrorCode":"` + long + `"}`)},
			`status 200, ActionStatus absent, ErrorCode that is no short integer`},
		{"a status of another text", policy.Answer{Status: 200, Body: []byte(`{"ActionStatus":"token=secret","ErrorCode":1}`)},
			`status 200, ActionStatus of another text, ErrorCode 1`},
		{"a long failure", policy.Answer{Failure: long}, long[:eventlog.MaxReason]},
		{"a failure that is not UTF-8", policy.Answer{Failure: "dns: \xff host"}, "dns:  host"},
		{"a failure with a NUL", policy.Answer{Failure: "dns: \x00host"}, "dns: host"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := string(policy.Classify(c.answer, false).Why)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("reason (-want +got):\n%s", diff)
			}
			if len(got) > eventlog.MaxReason || !utf8.ValidString(got) {
				t.Errorf("got %d bytes, valid %v; want at most %d bytes of UTF-8", len(got), utf8.ValidString(got), eventlog.MaxReason)
			}
		})
	}
}
