package access

import (
	"strings"
	"testing"
)

// FuzzParseQuery looks for queries that are read although they do not say who calls, or that may be logged with a secret.
func FuzzParseQuery(f *testing.F) {
	f.Add("sdkappid=1400000001&identifier=administrator&usersig=eJyr&random=1&contenttype=json")
	f.Add("sdkappid=0&identifier=&usersig=")
	f.Add("SDKAppID=1&identifier=a&usersig=b&random=4294967296")
	f.Add("sdkappid=1&identifier=%00&usersig=%zz")
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := ParseQuery(raw)
		if err == nil && (q.App == 0 || q.Identifier == "" || q.UserSig == "") {
			t.Fatalf("%q was read as %+v", raw, q)
		}
		if len(raw) > MaxQuery && err == nil {
			t.Fatalf("a query of %d bytes was taken", len(raw))
		}
		if logged := q.Logged(); strings.ContainsAny(logged, "\x00\r\n") {
			t.Fatalf("%q may be logged", logged)
		}
	})
}
