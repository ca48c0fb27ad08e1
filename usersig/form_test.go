package usersig_test

import (
	"bytes"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/usersig"
)

// This file takes a UserSig apart and puts one together a second time, the plain
// way, so that the tests do not ask the package about itself.

const (
	testKey   = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	testApp   = 1400000001
	testName  = "alice"
	testUnix  = 1_800_000_000
	testHours = 24
)

var testTime = time.Unix(testUnix, 0)

func testClaims() usersig.Claims {
	return usersig.Claims{
		SDKAppID: testApp, Identifier: testName, IssuedAt: testTime, Expire: testHours * time.Hour,
	}
}

func mustNew(t testing.TB, key string, c usersig.Claims) string {
	t.Helper()
	sig, err := usersig.New(key, c)
	if err != nil {
		t.Fatalf("New(%+v): %v", c, err)
	}
	return sig
}

// alphabet changes standard base64 into the text form of a UserSig, and back.
var (
	alphabet     = strings.NewReplacer("+", "*", "/", "-", "=", "_")
	backAlphabet = strings.NewReplacer("*", "+", "-", "/", "_", "=")
)

// pack compresses text without giving it the text form.
func pack(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// seal gives any text the form of a UserSig.
func seal(t testing.TB, text string) string {
	t.Helper()
	return alphabet.Replace(base64.StdEncoding.EncodeToString(pack(t, text)))
}

// open returns the JSON text of a UserSig.
func open(t testing.TB, sig string) string {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(backAlphabet.Replace(sig))
	if err != nil {
		t.Fatalf("base64 of %q: %v", sig, err)
	}
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatalf("zlib of %q: %v", sig, err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("inflate %q: %v", sig, err)
	}
	return string(text)
}

// values are the keys of the JSON object; numbers are json.Number.
type values map[string]any

func parse(t testing.TB, text string) values {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v values
	if err := d.Decode(&v); err != nil {
		t.Fatalf("JSON %q: %v", text, err)
	}
	return v
}

// signed returns values with the signature that key gives them; extra lines are
// signed after the usual ones.
func (v values) signed(key string, extra ...string) values {
	mac := hmac.New(sha256.New, []byte(key))
	for _, name := range []string{"identifier", "sdkappid", "time", "expire"} {
		fmt.Fprintf(mac, "TLS.%s:%v\n", name, v["TLS."+name])
	}
	for _, line := range extra {
		fmt.Fprintf(mac, "%s\n", line)
	}
	return v.with("TLS.sig", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// with returns a copy with one value changed, or taken out if it is nil.
func (v values) with(key string, value any) values {
	c := values{}
	for k := range v {
		c[k] = v[k]
	}
	c[key] = value
	if value == nil {
		delete(c, key)
	}
	return c
}

// text returns the value of a key as text.
func (v values) text(key string) string { return fmt.Sprint(v[key]) }

func (v values) seal(t testing.TB) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return seal(t, string(text))
}

// testValues are the values of testClaims, signed with testKey.
func testValues() values {
	return values{
		"TLS.ver": "2.0", "TLS.identifier": testName, "TLS.sdkappid": testApp,
		"TLS.time": testUnix, "TLS.expire": testHours * 3600,
	}.signed(testKey)
}

// verify checks sig as the one of testClaims, one second after its issue.
func verify(sig string) error {
	_, err := usersig.Verify(sig, testKey, testApp, testName, testTime.Add(time.Second))
	return err
}
