package usersig_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/callboard/callboard/usersig"
)

func TestOnlyOneTextFormIsDecoded(t *testing.T) {
	text, err := json.Marshal(testValues())
	if err != nil {
		t.Fatal(err)
	}
	packed := pack(t, string(text))
	if len(packed)%3 == 0 { // the cases need a form with padding
		packed = pack(t, string(text)+" ")
	}
	sig := alphabet.Replace(base64.StdEncoding.EncodeToString(packed))
	body := strings.TrimRight(sig, "_")
	// The last character carries bits that belong to no byte: set one of them.
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-"
	loose := letters[strings.IndexByte(letters, body[len(body)-1])+1]
	reform := func(b []byte) string { return alphabet.Replace(base64.StdEncoding.EncodeToString(b)) }

	tests := []struct {
		name, sig string
		want      error
	}{
		{"as made", sig, nil},
		{"empty", "", usersig.ErrMalformed},
		{"padding missing", body, usersig.ErrMalformed},
		{"padding of the standard alphabet", strings.ReplaceAll(sig, "_", "="), usersig.ErrMalformed},
		{"standard alphabet", base64.StdEncoding.EncodeToString(packed), usersig.ErrMalformed},
		{"URL alphabet", base64.URLEncoding.EncodeToString(packed), usersig.ErrMalformed},
		{"bits after the last byte", body[:len(body)-1] + string(loose) + sig[len(body):], usersig.ErrMalformed},
		{"line end inside", sig[:8] + "\n" + sig[8:], usersig.ErrMalformed},
		{"carriage return at the end", sig + "\r", usersig.ErrMalformed},
		{"space at the end", sig + " ", usersig.ErrMalformed},
		{"base64 of nothing after it", sig + "AAAA", usersig.ErrMalformed},
		{"a byte after the compressed data", reform(append(packed[:len(packed):len(packed)], 0)), usersig.ErrMalformed},
		{"compressed data twice", reform(append(packed[:len(packed):len(packed)], packed...)), usersig.ErrMalformed},
		{"checksum cut off", reform(packed[:len(packed)-4]), usersig.ErrMalformed},
		{"checksum wrong", reform(append(packed[:len(packed)-1:len(packed)-1], packed[len(packed)-1]^1)), usersig.ErrMalformed},
		{"zlib header wrong", reform(append([]byte{0x78, 0x00}, packed[2:]...)), usersig.ErrMalformed},
		{"preset dictionary", reform(append([]byte{0x78, 0xbb, 0, 0, 0, 9}, packed[2:]...)), usersig.ErrMalformed},
		{"JSON uncompressed", reform(text), usersig.ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := verify(test.sig); !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
		})
	}
}

func TestJSONIsReadStrictly(t *testing.T) {
	const maxInt64 = "9223372036854775807"
	good := testValues()
	raw := func(key, value string) string {
		return good.with(key, json.RawMessage(value)).seal(t)
	}
	text := open(t, good.seal(t))
	tests := []struct {
		name, sig string
		want      error
	}{
		{"as it is", good.seal(t), nil},
		{"unknown key", good.with("TLS.other", []int{1}).seal(t), nil},
		{"space around", seal(t, " "+text+"\n"), nil},
		{"equal keys: the last counts", seal(t, strings.Replace(text, "{", `{"TLS.expire":-1,`, 1)), nil},
		{"something after it", seal(t, text+"{}"), usersig.ErrMalformed},
		{"cut off", seal(t, text[:len(text)-1]), usersig.ErrMalformed},
		{"null", seal(t, "null"), usersig.ErrMalformed},
		{"array", seal(t, "["+text+"]"), usersig.ErrMalformed},
		{"nothing", seal(t, ""), usersig.ErrMalformed},
		{"not UTF-8", seal(t, strings.Replace(text, "{", "{\"\xff\":1,", 1)), usersig.ErrMalformed},
		{"no version", good.with("TLS.ver", nil).seal(t), usersig.ErrVersion},
		{"version 1", good.with("TLS.ver", "1.0").seal(t), usersig.ErrVersion},
		{"version as a number", raw("TLS.ver", "2.0"), usersig.ErrVersion},
		{"no identifier", good.with("TLS.identifier", nil).seal(t), usersig.ErrMalformed},
		{"key in small letters", good.with("TLS.identifier", nil).with("tls.identifier", testName).seal(t), usersig.ErrMalformed},
		{"identifier null", raw("TLS.identifier", "null"), usersig.ErrMalformed},
		{"identifier empty", raw("TLS.identifier", `""`), usersig.ErrMalformed},
		{"identifier with a line end", raw("TLS.identifier", `"a\nb"`), usersig.ErrMalformed},
		{"identifier too long", raw("TLS.identifier", `"`+strings.Repeat("a", 256)+`"`), usersig.ErrMalformed},
		{"no SDKAppID", good.with("TLS.sdkappid", nil).seal(t), usersig.ErrMalformed},
		{"SDKAppID as text", raw("TLS.sdkappid", `"1400000001"`), usersig.ErrMalformed},
		{"SDKAppID 0", raw("TLS.sdkappid", "0"), usersig.ErrMalformed},
		{"SDKAppID of 33 bits", raw("TLS.sdkappid", "5694967297"), usersig.ErrMalformed},
		{"no time", good.with("TLS.time", nil).seal(t), usersig.ErrMalformed},
		{"time negative", raw("TLS.time", "-1"), usersig.ErrMalformed},
		{"time with a fraction", raw("TLS.time", "1800000000.0"), usersig.ErrMalformed},
		{"time with an exponent", raw("TLS.time", "18e8"), usersig.ErrMalformed},
		{"time huge", raw("TLS.time", maxInt64), usersig.ErrMalformed},
		{"no lifetime", good.with("TLS.expire", nil).seal(t), usersig.ErrMalformed},
		{"lifetime negative", raw("TLS.expire", "-1"), usersig.ErrMalformed},
		{"lifetime that overflows the sum", raw("TLS.expire", maxInt64), usersig.ErrMalformed},
		{"lifetime that overflows the number", raw("TLS.expire", maxInt64+"0"), usersig.ErrMalformed},
		{"lifetime beyond 9999", raw("TLS.expire", "253402300798"), usersig.ErrMalformed},
		{"user buffer null", raw("TLS.userbuf", "null"), usersig.ErrMalformed},
		{"user buffer not base64", raw("TLS.userbuf", `"YQ"`), usersig.ErrMalformed},
		{"user buffer with a line end", raw("TLS.userbuf", `"YWJj\n"`), usersig.ErrMalformed},
		{"user buffer too large", raw("TLS.userbuf", `"`+strings.Repeat("YWJj", 342)+`"`), usersig.ErrMalformed},
		{"no signature", good.with("TLS.sig", nil).seal(t), usersig.ErrMalformed},
		{"signature as a number", raw("TLS.sig", "1"), usersig.ErrMalformed},
		{"signature empty", raw("TLS.sig", `""`), usersig.ErrSignature},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := verify(test.sig); !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
		})
	}
}

func TestLongInputIsRefusedAtTheLimit(t *testing.T) {
	text := open(t, testValues().seal(t))
	padded := func(size int) string { return seal(t, text+strings.Repeat(" ", size-len(text))) }
	if err := verify(padded(usersig.MaxInflated)); err != nil {
		t.Errorf("inflated to the limit: got error %v, want none", err)
	}
	if err := verify(padded(usersig.MaxInflated + 1)); !errors.Is(err, usersig.ErrMalformed) {
		t.Errorf("inflated to one byte more: got error %v, want %v", err, usersig.ErrMalformed)
	}
	if err := verify(strings.Repeat("A", usersig.MaxLen+1)); !errors.Is(err, usersig.ErrMalformed) {
		t.Errorf("text of one byte more: got error %v, want %v", err, usersig.ErrMalformed)
	}
}

func TestHostileInputCostsLittleMemory(t *testing.T) {
	var keys strings.Builder
	for i := 0; keys.Len() < usersig.MaxInflated-16; i++ {
		fmt.Fprintf(&keys, `"%x":0,`, i)
	}
	const limit = 512 << 10 // bytes a call, as the package comment says; the bomb is five times as large
	tests := []struct{ name, text string }{
		{"zip bomb", strings.Repeat(" ", 5*limit)},
		{"many keys", "{" + strings.TrimRight(keys.String(), ",") + "}"},
		{"deep nesting", strings.Repeat("[", usersig.MaxInflated)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sig := seal(t, test.text)
			if len(sig) > usersig.MaxLen {
				t.Fatalf("got %d bytes of text, want at most %d: it would never be inflated", len(sig), usersig.MaxLen)
			}
			const calls = 20
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range calls {
				if err := verify(sig); err == nil {
					t.Fatal("got no error, want one")
				}
			}
			runtime.ReadMemStats(&after)
			got := (after.TotalAlloc - before.TotalAlloc) / calls
			t.Logf("%d bytes a call, %d bytes of text", got, len(sig))
			if got > limit {
				t.Errorf("got %d bytes allocated a call, want at most %d", got, limit)
			}
		})
	}
}
