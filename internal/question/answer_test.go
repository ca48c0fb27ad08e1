package question

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
)

func TestAnswers(t *testing.T) {
	text := []live.MessageElement{{Type: "t", Content: json.RawMessage(`{}`)}}
	empty := ""
	long := strings.Repeat("a", live.MaxCloudCustomData)
	for _, tt := range []struct {
		name string
		body string
		want live.Ruling // Answered is set by the test
		why  error
	}{
		{name: "the envelope", body: `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`},
		{name: "with a byte order mark and blanks", body: "\ufeff {\"ErrorCode\":0}\r\n"},
		{name: "ErrorCode decides, not ActionStatus", body: `{"ActionStatus":"FAIL","ErrorCode":0}`},
		{name: "a quoted code", body: `{"ErrorCode":"102100","ErrorInfo":"x"}`, want: live.Ruling{Code: 102100, Info: "x"}},
		{name: "a text that is none", body: `{"ErrorCode":1,"ErrorInfo":{}}`, want: live.Ruling{Code: 1}},
		{name: "a long text", body: `{"ErrorCode":1,"ErrorInfo":"` + strings.Repeat("ä", 513) + `"}`, want: live.Ruling{Code: 1, Info: strings.Repeat("ä", 512)}},
		{name: "a text with NUL", body: `{"ErrorCode":1,"ErrorInfo":"a\u0000b"}`, want: live.Ruling{Code: 1, Info: "ab"}},
		{name: "another message", body: `{"ErrorCode":0,"MsgBody":[{"MsgType":"t","MsgContent":{}}],"CloudCustomData":""}`,
			want: live.Ruling{Body: text, CloudCustomData: &empty}},
		{name: "null is absent", body: `{"ErrorCode":0,"MsgBody":null,"CloudCustomData":null}`},
		{name: "another message beside a refusal is not looked at", body: `{"ErrorCode":1,"MsgBody":7}`, want: live.Ruling{Code: 1}},
		{name: "the longest data", body: `{"ErrorCode":0,"CloudCustomData":"` + long + `"}`, want: live.Ruling{CloudCustomData: &long}},
		{name: "longer data", body: `{"ErrorCode":0,"CloudCustomData":"` + long + `a"}`, why: errNoData},
		{name: "data that is no text", body: `{"ErrorCode":0,"CloudCustomData":7}`, why: errNoData},
		{name: "no elements", body: `{"ErrorCode":0,"MsgBody":[]}`, why: errNoBody},
		{name: "an element without a content", body: `{"ErrorCode":0,"MsgBody":[{"MsgType":"t"}]}`, why: errNoBody},
		{name: "elements that are none", body: `{"ErrorCode":0,"MsgBody":"x"}`, why: errNoBody},
		{name: "empty", body: ``, why: errNoObject},
		{name: "null", body: `null`, why: errNoObject},
		{name: "a list", body: `[]`, why: errNoObject},
		{name: "two objects", body: `{"ErrorCode":0}{}`, why: errNoObject},
		{name: "cut off", body: `{"ErrorCode":0`, why: errNoObject},
		{name: "invalid UTF-8", body: "{\"ErrorCode\":0,\"ErrorInfo\":\"\xff\"}", why: errNoObject},
		{name: "HTML", body: `<html>{"ErrorCode":0}`, why: errNoObject},
		{name: "no code", body: `{}`, why: errNoCode},
		{name: "a null code", body: `{"ErrorCode":null}`, why: errNoCode},
		{name: "a fraction", body: `{"ErrorCode":0.0}`, why: errNoCode},
		{name: "a flag", body: `{"ErrorCode":false}`, why: errNoCode},
		{name: "an empty code", body: `{"ErrorCode":""}`, why: errNoCode},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, why := judge(200, []byte(tt.body), false, live.TopicMessage)
			want := ""
			if tt.why != nil {
				want = tt.why.Error()
			} else {
				tt.want.Answered = true
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || why != want {
				t.Errorf("why %q, want %q; ruling (-want +got):\n%s", why, want, diff)
			}
		})
	}
}

func TestOnlyStatus200Answers(t *testing.T) {
	for _, status := range []int{0, 101, 201, 204, 301, 302, 404, 410, 429, 500, 503} {
		if got, why := judge(status, []byte(`{"ErrorCode":0}`), false, live.TopicGift); got.Answered || why == "" {
			t.Errorf("status %d: %+v %q, want no answer", status, got, why)
		}
	}
	if got, why := judge(200, []byte(`{"ErrorCode":0}`), true, live.TopicGift); got.Answered || why == "" {
		t.Errorf("an answer that was too large: %+v %q, want none", got, why)
	}
}

func TestAGiftHasNoMessage(t *testing.T) {
	got, _ := judge(200, []byte(`{"ErrorCode":0,"MsgBody":[{"MsgType":"t","MsgContent":{}}],"CloudCustomData":"x"}`), false, live.TopicGift)
	if diff := cmp.Diff(live.Ruling{Answered: true}, got); diff != "" {
		t.Errorf("ruling (-want +got):\n%s", diff)
	}
}

// FuzzAnswer holds that any answer is either none, with a reason that does not repeat it, or leads to a message within the limits.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`, `{"ErrorCode":"10100","ErrorInfo":"x"}`, `{"ErrorCode":2}`, `null`, `{`,
		`{"ErrorCode":0,"MsgBody":[{"MsgType":"t","MsgContent":{"Text":"a"}}],"CloudCustomData":"d"}`, `{"errorcode":0,"MsgBody":[null]}`,
	} {
		f.Add([]byte(body))
	}
	reasons := map[string]bool{errNoObject.Error(): true, errNoCode.Error(): true, errNoBody.Error(): true, errNoData.Error(): true}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, why := judge(200, body, false, live.TopicMessage)
		if r.Answered == (why != "") || why != "" && !reasons[why] {
			t.Fatalf("%q: %+v, why %q", body, r, why)
		}
		if !utf8.ValidString(r.Info) || len(r.Info) > maxInfo {
			t.Errorf("%q: info %q", body, r.Info)
		}
		cmd, err := hello().Ruled(r)
		if err != nil {
			return
		}
		out, err := cmd.Apply(state{newStage()}, caller, time.Unix(1703589922, 0))
		if err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		for _, e := range out.Events {
			m := e.Change.(live.MessageSent)
			if err := live.CheckMessageBody(m.Body); err != nil || len(m.CloudCustomData) > live.MaxCloudCustomData {
				t.Errorf("%q: %v, data of %d bytes", body, err, len(m.CloudCustomData))
			}
			if _, err := json.Marshal(m.Body); err != nil {
				t.Errorf("%q: %v", body, err)
			}
		}
	})
}
