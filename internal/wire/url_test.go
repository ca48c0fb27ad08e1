package wire

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/eventlog"
)

var (
	modified = eventlog.Event{Command: "Live.CallbackAfterModifyAdmin", ClientIP: "192.0.2.7", Platform: "RESTAPI"}
	created  = eventlog.Event{Command: "Live.CallbackAfterCreateRoom", ClientIP: "192.0.2.7", Platform: "RESTAPI"}
)

// Spec: callbacks 1.1, 1.2 and 4.1, with the documented vector of Sign.
func TestURLHasTheDocumentedParametersInTheirOrder(t *testing.T) {
	now := time.Unix(1669872112, 999_999_999)
	const three = "SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterModifyAdmin&contenttype=json"
	cases := []struct {
		name  string
		base  string
		event eventlog.Event
		token string
		want  string
	}{
		{"administrators: three", "https://www.example.com", modified, "", "https://www.example.com?" + three},
		{"owner: three", "https://www.example.com",
			eventlog.Event{Command: "Live.CallbackAfterChangeOwner", ClientIP: "192.0.2.7", Platform: "RESTAPI"}, "",
			"https://www.example.com?SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterChangeOwner&contenttype=json"},
		{"created: five", "https://www.example.com", created, "",
			"https://www.example.com?SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterCreateRoom&contenttype=json&ClientIP=192.0.2.7&OptPlatform=RESTAPI"},
		{"destroyed: five", "https://www.example.com", eventlog.Event{Command: "Live.CallbackAfterDestroyRoom", ClientIP: "192.0.2.7", Platform: "iOS"}, "",
			"https://www.example.com?SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterDestroyRoom&contenttype=json&ClientIP=192.0.2.7&OptPlatform=iOS"},
		{"updated: five", "https://www.example.com", eventlog.Event{Command: "Live.CallbackAfterUpdateRoomInfo"}, "",
			"https://www.example.com?SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterUpdateRoomInfo&contenttype=json&ClientIP=&OptPlatform="},
		{"signed, after three", "https://www.example.com", modified, "xxxxyyyy",
			"https://www.example.com?" + three + "&Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112"},
		{"signed, after five", "https://www.example.com", created, "xxxxyyyy",
			"https://www.example.com?SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterCreateRoom&contenttype=json&ClientIP=192.0.2.7&OptPlatform=RESTAPI" +
				"&Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112"},

		{"with a path", "http://127.0.0.1:9000/callback", modified, "", "http://127.0.0.1:9000/callback?" + three},
		{"with a query", "https://a/cb?token=SECRET", modified, "", "https://a/cb?token=SECRET&" + three},
		{"with an empty query", "https://a/cb?", modified, "", "https://a/cb?" + three},
		{"with a query that ends with &", "https://a/cb?x=1&", modified, "", "https://a/cb?x=1&" + three},
		{"with a fragment", "https://a/cb#part", modified, "", "https://a/cb?" + three},
		{"with a query and a fragment", "https://a/cb?x=1#part", modified, "", "https://a/cb?x=1&" + three},
		{"with a fragment that looks like a query", "https://a/cb#?x=1", modified, "", "https://a/cb?" + three},

		{"an IPv6 address is escaped", "https://a", eventlog.Event{Command: "Live.CallbackAfterCreateRoom", ClientIP: "2001:db8::1", Platform: "a b&c"}, "",
			"https://a?SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterCreateRoom&contenttype=json&ClientIP=2001%3Adb8%3A%3A1&OptPlatform=a+b%26c"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := URL(c.base, 1400000001, &c.event, c.token, now)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("URL (-want +got):\n%s", diff)
			}
		})
	}
}

func TestURLIsSignedAnewForEachAttempt(t *testing.T) {
	first := time.Unix(1669872112, 0)
	for _, now := range []time.Time{first, first.Add(5 * time.Minute)} {
		u, err := url.Parse(URL("https://a?x=1", 1, &created, "token", now))
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if err := callback.VerifySign("token", q.Get("Sign"), q.Get("RequestTime"), now); err != nil {
			t.Errorf("at %v: %v", now.Unix(), err)
		}
	}
}

func TestURLIsReadBackByAReceiver(t *testing.T) {
	e := eventlog.Event{Command: "Live.CallbackAfterCreateRoom", ClientIP: "fe80::1%eth0", Platform: "Ω &=#?"}
	u, err := url.Parse(URL("https://a/cb?x=1#f", 4294967295, &e, "", time.Time{}))
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"x": {"1"}, "SdkAppid": {"4294967295"}, "CallbackCommand": {e.Command}, "contenttype": {"json"},
		"ClientIP": {e.ClientIP}, "OptPlatform": {e.Platform},
	}
	if diff := cmp.Diff(want, u.Query()); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}
