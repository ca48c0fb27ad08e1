package usersig_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/usersig"
)

// vectors are signatures that the vendor's own libraries made and judged.
type vectors struct {
	Vectors []struct {
		Name, SecretKey, Identifier string
		SDKAppID                    uint32 `json:"SdkAppId"`
		Time, Expire, ExpiresAt     int64
		UserBufBase64, Hmac         string
		DecodedText, UserSig        string
		StringToSign, ZlibHeaderHex string
	}
	Negative []struct {
		Name, UserSig, Identifier, SecretKey string
		SDKAppID                             uint32 `json:"SdkAppId"`
		CheckAt                              int64
		Expect                               string
	}
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Vectors) == 0 || len(v.Negative) == 0 {
		t.Fatalf("got %d vectors and %d negative ones, want some of both", len(v.Vectors), len(v.Negative))
	}
	return v
}

func TestVendorSignaturesAreReadAndVerified(t *testing.T) {
	for _, v := range readVectors(t).Vectors {
		t.Run(v.Name, func(t *testing.T) {
			token, err := usersig.Verify(v.UserSig, v.SecretKey, v.SDKAppID, v.Identifier, time.Unix(v.Time, 0))
			if err != nil {
				t.Fatalf("Verify: %v", err)
			}
			type fields struct {
				SDKAppID             uint32
				Identifier, UserBuf  string
				HasUserBuf           bool
				IssuedAt, ValidUntil time.Time
			}
			got := fields{
				token.SDKAppID(), token.Identifier(), base64.StdEncoding.EncodeToString(token.UserBuf()),
				token.HasUserBuf(), token.IssuedAt(), token.ValidUntil(),
			}
			want := fields{
				v.SDKAppID, v.Identifier, v.UserBufBase64,
				v.UserBufBase64 != "", time.Unix(v.Time, 0).UTC(), time.Unix(v.ExpiresAt+1, 0).UTC(),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMadeSignaturesHaveTheVendorsValues(t *testing.T) {
	for _, v := range readVectors(t).Vectors {
		t.Run(v.Name, func(t *testing.T) {
			buf, err := base64.StdEncoding.DecodeString(v.UserBufBase64)
			if err != nil {
				t.Fatal(err)
			}
			sig := mustNew(t, v.SecretKey, usersig.Claims{
				SDKAppID: v.SDKAppID, Identifier: v.Identifier, UserBuf: buf,
				IssuedAt: time.Unix(v.Time, 0), Expire: time.Duration(v.Expire) * time.Second,
			})
			got := parse(t, open(t, sig))
			if diff := cmp.Diff(parse(t, v.DecodedText), got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if got["TLS.sig"] != v.Hmac {
				t.Errorf("TLS.sig: got %v, want %v", got["TLS.sig"], v.Hmac)
			}
			if _, err := usersig.Verify(sig, v.SecretKey, v.SDKAppID, v.Identifier, time.Unix(v.ExpiresAt, 0)); err != nil {
				t.Errorf("Verify of the one made here: %v", err)
			}
		})
	}
}

func TestVendorsNegativeVectorsAreRefused(t *testing.T) {
	kinds := map[string]error{
		"signature mismatch":  usersig.ErrSignature,
		"identifier mismatch": usersig.ErrIdentifier,
		"sdkappid mismatch":   usersig.ErrSDKAppID,
		"expired":             usersig.ErrExpired,
		"not decodable":       usersig.ErrMalformed,
	}
	for _, v := range readVectors(t).Negative {
		t.Run(v.Name, func(t *testing.T) {
			want, ok := kinds[v.Expect]
			if !ok {
				t.Fatalf("no kind for %q", v.Expect)
			}
			got, err := usersig.Verify(v.UserSig, v.SecretKey, v.SDKAppID, v.Identifier, time.Unix(v.CheckAt, 0))
			if !errors.Is(err, want) {
				t.Errorf("got error %v, want %v", err, want)
			}
			if got != (usersig.Token{}) {
				t.Errorf("got %v with the error, want the zero Token", got)
			}
		})
	}
}

func TestVendorsRoomPermissionIsTheSameBytes(t *testing.T) {
	for _, v := range readVectors(t).Vectors {
		if v.Name != "userbuf-privatemap-int-room" {
			continue
		}
		token, err := usersig.Decode(v.UserSig)
		if err != nil {
			t.Fatal(err)
		}
		got, err := usersig.DecodePrivateMapKey(token.UserBuf())
		if err != nil {
			t.Fatal(err)
		}
		want := usersig.PrivateMapKey{
			Account: "bob", SDKAppID: v.SDKAppID, NumericRoomID: 10000,
			ExpiresAt: time.Unix(v.ExpiresAt, 0).UTC(), Privileges: 255,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("permission (-want +got):\n%s", diff)
		}
		buf, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(token.UserBuf(), buf); diff != "" {
			t.Errorf("bytes (-want +got):\n%s", diff)
		}
		return
	}
	t.Error("the vector is missing")
}
