package usersig_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/usersig"
)

func TestZeroTimesMeanNowAndHalfAYear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sig := mustNew(t, testKey, usersig.Claims{SDKAppID: testApp, Identifier: testName})
		token, err := usersig.Decode(sig)
		if err != nil {
			t.Fatal(err)
		}
		got := []time.Time{token.IssuedAt(), token.ValidUntil()}
		now := time.Now().UTC() // the bubble's clock stands at a whole second
		want := []time.Time{now, now.Add(180*24*time.Hour + time.Second)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("issue and end (-want +got):\n%s", diff)
		}
	})
}

func TestFractionsOfASecondAreRoundedDown(t *testing.T) {
	c := testClaims()
	c.IssuedAt = testTime.Add(999 * time.Millisecond)
	c.Expire = 1999 * time.Millisecond
	got := parse(t, open(t, mustNew(t, testKey, c)))
	want := parse(t, `{"TLS.ver":"2.0","TLS.identifier":"alice","TLS.sdkappid":1400000001,"TLS.time":1800000000,"TLS.expire":1}`)
	delete(got, "TLS.sig")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestClaimsOutsideTheLimitsAreRefused(t *testing.T) {
	lastSecond := time.Date(9999, 12, 31, 23, 59, 58, 0, time.UTC)
	tests := []struct {
		name   string
		change func(*usersig.Claims)
		want   error
	}{
		{"as they are", func(*usersig.Claims) {}, nil},
		{"no SDKAppID", func(c *usersig.Claims) { c.SDKAppID = 0 }, usersig.ErrClaims},
		{"largest SDKAppID", func(c *usersig.Claims) { c.SDKAppID = 1<<32 - 1 }, nil},
		{"no identifier", func(c *usersig.Claims) { c.Identifier = "" }, usersig.ErrClaims},
		{"longest identifier", func(c *usersig.Claims) { c.Identifier = strings.Repeat("a", usersig.MaxIdentifier) }, nil},
		{"identifier too long", func(c *usersig.Claims) { c.Identifier = strings.Repeat("a", usersig.MaxIdentifier+1) }, usersig.ErrClaims},
		{"identifier with a line end", func(c *usersig.Claims) { c.Identifier = "a\nTLS.sdkappid:1" }, usersig.ErrClaims},
		{"identifier with NUL", func(c *usersig.Claims) { c.Identifier = "a\x00" }, usersig.ErrClaims},
		{"identifier not UTF-8", func(c *usersig.Claims) { c.Identifier = "a\xff" }, usersig.ErrClaims},
		{"issued before 1970", func(c *usersig.Claims) { c.IssuedAt = time.Unix(0, -1) }, usersig.ErrClaims},
		{"issued in 1970", func(c *usersig.Claims) { c.IssuedAt = time.Unix(0, 0) }, nil},
		{"negative lifetime", func(c *usersig.Claims) { c.Expire = -time.Second }, usersig.ErrClaims},
		{"lifetime of a second", func(c *usersig.Claims) { c.Expire = time.Second }, nil},
		{"lifetime below a second", func(c *usersig.Claims) { c.Expire = time.Second - 1 }, usersig.ErrClaims},
		{"longest lifetime", func(c *usersig.Claims) { c.Expire = 1<<63 - 1 }, nil},
		{"until the end of 9999", func(c *usersig.Claims) { c.IssuedAt = lastSecond.Add(-c.Expire) }, nil},
		{"beyond the end of 9999", func(c *usersig.Claims) { c.IssuedAt = lastSecond.Add(time.Second - c.Expire) }, usersig.ErrClaims},
		{"largest user buffer", func(c *usersig.Claims) { c.UserBuf = make([]byte, usersig.MaxUserBuf) }, nil},
		{"user buffer too large", func(c *usersig.Claims) { c.UserBuf = make([]byte, usersig.MaxUserBuf+1) }, usersig.ErrClaims},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := testClaims()
			test.change(&c)
			sig, err := usersig.New(testKey, c)
			if !errors.Is(err, test.want) {
				t.Fatalf("New: got error %v, want %v", err, test.want)
			}
			if err != nil {
				return
			}
			if _, err := usersig.Verify(sig, testKey, c.SDKAppID, c.Identifier, c.IssuedAt); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

func TestNothingIsSignedOrVerifiedWithoutAKey(t *testing.T) {
	if _, err := usersig.New("", testClaims()); !errors.Is(err, usersig.ErrNoKey) {
		t.Errorf("New: got error %v, want %v", err, usersig.ErrNoKey)
	}
	sig := testValues().signed("").seal(t) // right, if the empty key were one
	if _, err := usersig.Verify(sig, "", testApp, testName, testTime); !errors.Is(err, usersig.ErrNoKey) {
		t.Errorf("Verify: got error %v, want %v", err, usersig.ErrNoKey)
	}
}

func TestASignatureGoesIntoAQueryRaw(t *testing.T) {
	seen := ""
	for i := range 200 {
		c := testClaims()
		c.IssuedAt = c.IssuedAt.Add(time.Duration(i) * time.Second)
		sig := mustNew(t, testKey, c)
		seen += sig
		query, err := url.ParseQuery("sdkappid=1400000001&usersig=" + sig + "&random=1")
		if err != nil {
			t.Fatal(err)
		}
		if got := query.Get("usersig"); got != sig {
			t.Fatalf("from the query: got %q, want %q", got, sig)
		}
	}
	for _, special := range "*-_" {
		if !strings.ContainsRune(seen, special) {
			t.Errorf("no signature holds %q, so it was not tested", special)
		}
	}
	if i := strings.IndexAny(seen, "+/=%& "); i >= 0 {
		t.Errorf("a signature holds %q, which a query needs escaped", seen[i])
	}
}

func TestTheLargestSignatureStaysBelowTheLimit(t *testing.T) {
	buf := make([]byte, usersig.MaxUserBuf)
	for i := range buf {
		buf[i] = byte(i * i * i >> 3) // hard to compress
	}
	c := testClaims()
	c.Identifier = strings.Repeat("<\u2028\"", usersig.MaxIdentifier/5) // JSON escapes every one
	c.UserBuf = buf
	sig := mustNew(t, testKey, c)
	if len(sig) > usersig.MaxLen {
		t.Errorf("got %d bytes, want at most %d", len(sig), usersig.MaxLen)
	}
	if _, err := usersig.Verify(sig, testKey, testApp, c.Identifier, testTime); err != nil {
		t.Errorf("Verify: %v", err)
	}
}
