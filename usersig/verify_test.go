package usersig_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/usersig"
)

func TestTheLastSecondIsStillValid(t *testing.T) {
	sig := mustNew(t, testKey, testClaims())
	end := testTime.Add(testHours * time.Hour)
	tests := []struct {
		name string
		now  time.Time
		want error
	}{
		{"at its issue", testTime, nil},
		{"before its issue", testTime.Add(-time.Hour), nil},
		{"at the boundary second", end, nil},
		{"at the end of the boundary second", end.Add(time.Second - 1), nil},
		{"a second later", end.Add(time.Second), usersig.ErrExpired},
		{"long after", end.AddDate(100, 0, 0), usersig.ErrExpired},
		{"in another time zone", end.In(time.FixedZone("", 14*3600)), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			token, err := usersig.Decode(sig)
			if err != nil {
				t.Fatal(err)
			}
			if err := token.Verify(testKey, testApp, testName, test.now); !errors.Is(err, test.want) {
				t.Errorf("Verify: got error %v, want %v", err, test.want)
			}
			if got, want := token.Expired(test.now), test.want != nil; got != want {
				t.Errorf("Expired: got %v, want %v", got, want)
			}
			if got, want := !test.now.Before(token.ValidUntil()), test.want != nil; got != want {
				t.Errorf("not before ValidUntil: got %v, want %v", got, want)
			}
		})
	}
}

func TestALifetimeOfNoTimeLastsItsSecond(t *testing.T) {
	sig := testValues().with("TLS.expire", 0).signed(testKey).seal(t)
	if _, err := usersig.Verify(sig, testKey, testApp, testName, testTime); err != nil {
		t.Errorf("in its second: got error %v, want none", err)
	}
	if err := verify(sig); !errors.Is(err, usersig.ErrExpired) {
		t.Errorf("a second later: got error %v, want %v", err, usersig.ErrExpired)
	}
}

func TestEveryChangedValueBreaksTheSignature(t *testing.T) {
	good := testValues()
	mac := good.text("TLS.sig")
	buffered := good.with("TLS.userbuf", "YWJj").signed(testKey, "TLS.userbuf:YWJj")
	tests := []struct {
		name       string
		values     values
		app        uint32
		identifier string
		want       error
	}{
		{"none", good, testApp, testName, nil},
		{"SDKAppID", good.with("TLS.sdkappid", 1400000002), 1400000002, testName, usersig.ErrSignature},
		{"identifier", good.with("TLS.identifier", "mallory"), testApp, "mallory", usersig.ErrSignature},
		{"time", good.with("TLS.time", testUnix+1), testApp, testName, usersig.ErrSignature},
		{"lifetime", good.with("TLS.expire", 86401), testApp, testName, usersig.ErrSignature},
		{"signature", good.signed("another key"), testApp, testName, usersig.ErrSignature},
		{"signature cut off", good.with("TLS.sig", strings.TrimRight(mac, "=")), testApp, testName, usersig.ErrSignature},
		{"signature longer", good.with("TLS.sig", mac+"A"), testApp, testName, usersig.ErrSignature},
		{"digits moved between lines", good.with("TLS.time", testUnix/10).with("TLS.expire", "086400"), testApp, testName, usersig.ErrMalformed},
		{"user buffer signed", buffered, testApp, testName, nil},
		{"user buffer changed", buffered.with("TLS.userbuf", "YWJk"), testApp, testName, usersig.ErrSignature},
		{"user buffer taken out", buffered.with("TLS.userbuf", nil), testApp, testName, usersig.ErrSignature},
		{"user buffer added", good.with("TLS.userbuf", "YWJj"), testApp, testName, usersig.ErrSignature},
		{"empty user buffer added", good.with("TLS.userbuf", ""), testApp, testName, usersig.ErrSignature},
		{"empty user buffer signed", good.with("TLS.userbuf", "").signed(testKey, "TLS.userbuf:"), testApp, testName, nil},
		{"line signed for no user buffer", good.signed(testKey, "TLS.userbuf:YWJj"), testApp, testName, usersig.ErrSignature},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := usersig.Verify(test.values.seal(t), testKey, test.app, test.identifier, testTime)
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
		})
	}
}

func TestTheFirstReasonInTheDocumentedOrderIsTold(t *testing.T) {
	late := testTime.AddDate(1, 0, 0)
	sig := mustNew(t, testKey, testClaims())
	tests := []struct {
		name, sig, key string
		app            uint32
		identifier     string
		now            time.Time
		want           error
	}{
		{"everything wrong", sig[1:], "", 1, "bob", late, usersig.ErrMalformed},
		{"but the form", sig, "", 1, "bob", late, usersig.ErrNoKey},
		{"and there is a key", sig, "x", 1, "bob", late, usersig.ErrSDKAppID},
		{"and the SDKAppID", sig, "x", testApp, "bob", late, usersig.ErrIdentifier},
		{"and the identifier", sig, "x", testApp, testName, late, usersig.ErrExpired},
		{"and the time", sig, "x", testApp, testName, testTime, usersig.ErrSignature},
		{"and the key", sig, testKey, testApp, testName, testTime, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := usersig.Verify(test.sig, test.key, test.app, test.identifier, test.now)
			if !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
		})
	}
}

func TestIdentifiersAreComparedByteForByte(t *testing.T) {
	for _, other := range []string{"Alice", "alice ", "alic", "", "alic\u0435"} {
		_, err := usersig.Verify(mustNew(t, testKey, testClaims()), testKey, testApp, other, testTime)
		if !errors.Is(err, usersig.ErrIdentifier) {
			t.Errorf("%q: got error %v, want %v", other, err, usersig.ErrIdentifier)
		}
	}
}

func TestIdentifiersThatJSONEscapesVerify(t *testing.T) {
	for _, name := range []string{"a<b>&c", `quo"te\`, "\u6f14\u54e1", "\u2028", "@RBT#1"} {
		c := testClaims()
		c.Identifier = name
		if _, err := usersig.Verify(mustNew(t, testKey, c), testKey, testApp, name, testTime); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestTheZeroTokenIsRefused(t *testing.T) {
	var token usersig.Token
	if err := token.Verify(testKey, 0, "", time.Unix(0, 0)); !errors.Is(err, usersig.ErrSignature) {
		t.Errorf("got error %v, want %v", err, usersig.ErrSignature)
	}
}

func TestErrorsAndTokensShowNoSecret(t *testing.T) {
	sig := mustNew(t, testKey, testClaims())
	mac := testValues().text("TLS.sig")
	token, err := usersig.Decode(sig)
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprintf("%v %+v", token, token)
	for _, err := range []error{
		token.Verify(testKey+"x", testApp, testName, testTime),
		token.Verify(testKey, testApp+1, testName, testTime),
		token.Verify(testKey, testApp, "bob", testTime),
		token.Verify(testKey, testApp, testName, testTime.AddDate(1, 0, 0)),
		verify(sig[:len(sig)/2]),
		verify(sig + "\n"),
	} {
		if err == nil {
			t.Fatal("got no error, want one")
		}
		said += " " + err.Error()
	}
	for _, secret := range []string{testKey, mac, sig[:20]} {
		if strings.Contains(said, secret) {
			t.Errorf("%q is in %q", secret, said)
		}
	}
	if !strings.Contains(said, testName) {
		t.Errorf("%q does not name the account", said)
	}
}

func TestAUserBufferIsHandedOutAsACopy(t *testing.T) {
	c := testClaims()
	c.UserBuf = []byte("abc")
	token, err := usersig.Decode(mustNew(t, testKey, c))
	if err != nil {
		t.Fatal(err)
	}
	token.UserBuf()[0] = 'x'
	if diff := cmp.Diff([]byte("abc"), token.UserBuf()); diff != "" {
		t.Errorf("user buffer (-want +got):\n%s", diff)
	}
}
