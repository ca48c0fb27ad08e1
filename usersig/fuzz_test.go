package usersig_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/usersig"
)

// FuzzDecode holds that any text is either refused with a documented kind or gives
// values of which New makes a UserSig that says the same and verifies.
func FuzzDecode(f *testing.F) {
	v := readVectors(f)
	for _, vector := range v.Vectors {
		f.Add(vector.UserSig)
	}
	for _, vector := range v.Negative {
		f.Add(vector.UserSig)
	}
	f.Add(seal(f, `{"TLS.ver":"2.0","TLS.expire":9223372036854775807}`))
	f.Fuzz(func(t *testing.T, sig string) {
		token, err := usersig.Decode(sig)
		if err != nil {
			if !errors.Is(err, usersig.ErrMalformed) && !errors.Is(err, usersig.ErrVersion) {
				t.Fatalf("undocumented error: %v", err)
			}
			return
		}
		// A lifetime of nothing, or of more than the 292 years of a Duration, cannot be
		// asked of New.
		expire := token.ValidUntil().Unix() - 1 - token.IssuedAt().Unix()
		if expire == 0 || expire > int64((1<<63-1)/time.Second) {
			return
		}
		again, err := usersig.New(testKey, usersig.Claims{
			SDKAppID: token.SDKAppID(), Identifier: token.Identifier(),
			IssuedAt: token.IssuedAt(), Expire: time.Duration(expire) * time.Second, UserBuf: token.UserBuf(),
		})
		if err != nil {
			t.Fatalf("make %v again: %v", token, err)
		}
		back, err := usersig.Verify(again, testKey, token.SDKAppID(), token.Identifier(), token.IssuedAt())
		if err != nil {
			t.Fatalf("verify %v made again: %v", token, err)
		}
		if got, want := back.String(), token.String(); got != want {
			t.Errorf("made again: got %s, want %s", got, want)
		}
		if diff := cmp.Diff(string(token.UserBuf()), string(back.UserBuf())); diff != "" {
			t.Errorf("user buffer made again (-want +got):\n%s", diff)
		}
	})
}

// FuzzVerify holds that New refuses claims or makes a UserSig that verifies with
// its key, and with no other.
func FuzzVerify(f *testing.F) {
	f.Add(testKey, uint32(testApp), testName, int64(testUnix), int64(time.Hour), []byte(nil))
	f.Add("k", uint32(1), "<\u2028>", int64(0), int64(0), []byte{0, 255})
	f.Add("", uint32(0), "a\nb", int64(-1), int64(-1), []byte("abc"))
	f.Fuzz(func(t *testing.T, key string, app uint32, identifier string, issued, expire int64, buf []byte) {
		issuedAt := time.Unix(issued, 0)
		sig, err := usersig.New(key, usersig.Claims{
			SDKAppID: app, Identifier: identifier, IssuedAt: issuedAt, Expire: time.Duration(expire), UserBuf: buf,
		})
		if err != nil {
			if !errors.Is(err, usersig.ErrClaims) && !errors.Is(err, usersig.ErrNoKey) {
				t.Fatalf("undocumented error: %v", err)
			}
			return
		}
		token, err := usersig.Verify(sig, key, app, identifier, issuedAt)
		if err != nil {
			t.Fatalf("Verify: %v", err)
		}
		if diff := cmp.Diff(string(buf), string(token.UserBuf())); diff != "" {
			t.Errorf("user buffer (-want +got):\n%s", diff)
		}
		if err := token.Verify("not "+key, app, identifier, issuedAt); !errors.Is(err, usersig.ErrSignature) {
			t.Errorf("another key: got error %v, want %v", err, usersig.ErrSignature)
		}
	})
}

// FuzzDecodePrivateMapKey holds that a buffer is refused or is exactly what Encode
// makes of the result.
func FuzzDecodePrivateMapKey(f *testing.F) {
	good, err := testPermission().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("abc"))
	f.Fuzz(func(t *testing.T, buf []byte) {
		k, err := usersig.DecodePrivateMapKey(buf)
		if err != nil {
			if !errors.Is(err, usersig.ErrMalformed) {
				t.Fatalf("undocumented error: %v", err)
			}
			return
		}
		again, err := k.Encode()
		if err != nil {
			t.Fatalf("Encode(%+v): %v", k, err)
		}
		if diff := cmp.Diff(buf, again); diff != "" {
			t.Errorf("encoded again (-want +got):\n%s", diff)
		}
	})
}
