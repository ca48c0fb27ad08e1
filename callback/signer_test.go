package callback

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The vector of docs/signing.md, made by another implementation.
const (
	firstSecret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	secondSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

	vectorSent = 1703589923
	vectorBody = `{"CallbackCommand":"Live.CallbackAfterModifyAdmin","RoomId":"live-room","EventTime":1703589922780,` +
		`"Operator_Account":"administrator","Admin_Account":["alice"],"opType":"add"}`
	vectorText = `callboard-v1
1703589923
callboard-attempt:1
callboard-cause:Id-7-O-Seq-9
callboard-event-id:1400000001-abcd2345-1043
callboard-lane:live-room
callboard-log:abcd2345
callboard-prev:1041
callboard-room-prev:17
callboard-room-seq:19
callboard-room-state:0123456789abcdef
callboard-seq:1043
f6a0cb1e3668f85595b5dea4edd4ab3b6139d28beb8d8bdcf866115d52051935
`
	vectorWebhook = "v1,jcSjRubw1+uLvOwGuOlkn3N5HvOcJKQyJsZfnCe1x4w= v1,2mgktT/LL9TmEkVqzIq077hOhSkSDr4DHpSL9fgEMTk="
	vectorHeaders = "v1,xicF+dyo92bX4WgeIBw9NS6BBpPraY8cV4LnnjPg5yI= v1,tkBDAmfE1w2Q0A4DyORDEy3mtaN5pYGUpeVOXxFOheo="
)

// unsigned has the headers of the vector before they are signed.
func unsigned() http.Header {
	h := http.Header{}
	for name, value := range map[string]string{
		"Content-Type": "application/json", HeaderEventID: "1400000001-abcd2345-1043", HeaderLog: "abcd2345", HeaderSeq: "1043",
		HeaderPrev: "1041", HeaderLane: "live-room", HeaderRoomSeq: "19", HeaderRoomPrev: "17", HeaderRoomState: "0123456789abcdef",
		HeaderAttempt: "1", HeaderCause: "Id-7-O-Seq-9",
	} {
		h.Set(name, value)
	}
	return h
}

// signed has those of the vector, signed with secrets.
func signed(t testing.TB, secrets ...string) http.Header {
	t.Helper()
	h := unsigned()
	mustSigner(t, secrets...).Sign(h, []byte(vectorBody), time.Unix(vectorSent, 0))
	return h
}

func mustSigner(t testing.TB, secrets ...string) *Signer {
	t.Helper()
	s, err := NewSigner(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignaturesMatchTheDocumentedVector(t *testing.T) {
	want := unsigned()
	want.Set(HeaderWebhookID, "1400000001-abcd2345-1043")
	want.Set(HeaderWebhookTimestamp, "1703589923")
	want.Set(HeaderWebhookSignature, vectorWebhook)
	want.Set(HeaderSignature, vectorHeaders)
	if diff := cmp.Diff(signed(t, firstSecret, secondSecret), want); diff != "" {
		t.Errorf("headers (-got +want):\n%s", diff)
	}
	text, ok := headerText(nil, want, "1703589923", []byte(vectorBody))
	if diff := cmp.Diff(string(text), vectorText); !ok || diff != "" {
		t.Errorf("signed text, %v (-got +want):\n%s", ok, diff)
	}
}

func TestTheDocumentShowsTheVector(t *testing.T) {
	data, err := os.ReadFile("../docs/signing.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{firstSecret, secondSecret, vectorBody, vectorText, vectorWebhook, vectorHeaders} {
		if !strings.Contains(string(data), piece) {
			t.Errorf("docs/signing.md does not have %q", piece)
		}
	}
}

// The vector is that of the specification's own libraries.
func TestWebhookSignatureIsThatOfStandardWebhooks(t *testing.T) {
	h := http.Header{HeaderEventID: {"msg_p5jXN8AQM9LWM0D4loKWxJek"}}
	mustSigner(t, firstSecret).Sign(h, []byte(`{"test": 2432232314}`), time.Unix(1614265330, 0))
	if got, want := h.Get("webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("webhook-signature = %s, want %s", got, want)
	}
}

func TestAReceiverWithEitherLiveSecretVerifies(t *testing.T) {
	third := "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{3}, maxKey))
	for _, tt := range []struct {
		name             string
		sender, receiver []string
		want             error
	}{
		{"the same", []string{firstSecret}, []string{firstSecret}, nil},
		{"sender rotates, old receiver", []string{secondSecret, firstSecret}, []string{firstSecret}, nil},
		{"sender rotates, new receiver", []string{secondSecret, firstSecret}, []string{secondSecret}, nil},
		{"receiver rotates, old sender", []string{firstSecret}, []string{secondSecret, firstSecret}, nil},
		{"both rotate", []string{secondSecret, firstSecret}, []string{firstSecret, secondSecret}, nil},
		{"none in common", []string{firstSecret, secondSecret}, []string{third}, ErrSignature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustSigner(t, tt.receiver...).Verify(signed(t, tt.sender...), []byte(vectorBody), time.Unix(vectorSent, 0))
			if !errors.Is(got, tt.want) {
				t.Errorf("Verify = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestWhatWasChangedOnTheWayIsRefused(t *testing.T) {
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	del := func(name string) func(http.Header) { return func(h http.Header) { h.Del(name) } }
	twice := func(name string) func(http.Header) { return func(h http.Header) { h.Add(name, h.Get(name)) } }
	for _, tt := range []struct {
		name   string
		change func(http.Header)
		want   error
	}{
		{"nothing", func(http.Header) {}, nil},
		{"a proxy adds its own", set("X-Forwarded-For", "192.0.2.1"), nil},
		{"a proxy puts blanks around a value", set(HeaderSeq, " 1043\t"), nil},
		{"another Room-Seq", set(HeaderRoomSeq, "20"), ErrSignature},
		{"another Attempt", set(HeaderAttempt, "2"), ErrSignature},
		{"no Room-State", del(HeaderRoomState), ErrSignature},
		{"a Skipped that was not sent", set(HeaderSkipped, "1-18"), ErrSignature},
		{"a Replay that was not sent", set(HeaderReplay, "true"), ErrSignature},
		{"an empty header that was not sent", set(HeaderReplay, ""), ErrSignature},
		{"a Callboard header of tomorrow", set("Callboard-Tomorrow", "1"), ErrSignature},
		{"a Callboard header in small letters", func(h http.Header) { h["callboard-x"] = []string{"1"} }, ErrSignature},
		{"a header twice", twice(HeaderRoomSeq), ErrSignature},
		{"two in one", set(HeaderRoomSeq, "19, 19"), ErrSignature},
		{"a line end in a value", set(HeaderRoomPrev, "17\ncallboard-room-seq:19"), ErrSignature},
		{"a header without a value", func(h http.Header) { h[HeaderRoomSeq] = nil }, ErrSignature},
		{"many headers", func(h http.Header) {
			for i := range 100 {
				h.Set("Callboard-"+strings.Repeat("x", i+1), "1")
			}
		}, ErrSignature},
		{"another id", set(HeaderWebhookID, "1400000001-abcd2345-1044"), ErrSignature},
		{"no id", del(HeaderWebhookID), ErrSignature},
		{"two ids", twice(HeaderWebhookID), ErrSignature},
		{"another time", set(HeaderWebhookTimestamp, "1703589924"), ErrSignature},
		{"the same time, other text", set(HeaderWebhookTimestamp, "+1703589923"), ErrSignature},
		{"no time", del(HeaderWebhookTimestamp), ErrSignature},
		{"no webhook-signature", del(HeaderWebhookSignature), ErrSignature},
		{"no Callboard-Signature", del(HeaderSignature), ErrSignature},
		{"two Callboard-Signatures", twice(HeaderSignature), ErrSignature},
		{"signatures exchanged", func(h http.Header) {
			h[HeaderSignature], h[HeaderWebhookSignature] = h[HeaderWebhookSignature], h[HeaderSignature]
		}, ErrSignature},
		{"another version", func(h http.Header) { h.Set(HeaderSignature, "v2"+h.Get(HeaderSignature)[2:]) }, ErrSignature},
		{"a signature cut off", func(h http.Header) { h.Set(HeaderSignature, h.Get(HeaderSignature)[:40]) }, ErrSignature},
		{"a signature of a later version before it", func(h http.Header) { h.Set(HeaderSignature, "v2,abc "+h.Get(HeaderSignature)) }, nil},
		{"behind many others", func(h http.Header) { h.Set(HeaderSignature, strings.Repeat("v1,abc ", 8)+h.Get(HeaderSignature)) }, ErrSignature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := signed(t, firstSecret)
			tt.change(h)
			if got := mustSigner(t, firstSecret).Verify(h, []byte(vectorBody), time.Unix(vectorSent, 0)); !errors.Is(got, tt.want) {
				t.Errorf("Verify = %v, want %v", got, tt.want)
			}
		})
	}
	if got := mustSigner(t, firstSecret).Verify(signed(t, firstSecret), []byte(vectorBody+" "), time.Unix(vectorSent, 0)); !errors.Is(got, ErrSignature) {
		t.Errorf("Verify of another body = %v, want %v", got, ErrSignature)
	}
}

// Without headers of its own a callback would be that of any sender with the secret.
func TestABodyThatIsSignedAloneIsRefused(t *testing.T) {
	h := signed(t, firstSecret)
	h.Del(HeaderSignature)
	for name := range h {
		if strings.HasPrefix(name, "Callboard-") {
			h.Del(name)
		}
	}
	if got := mustSigner(t, firstSecret).Verify(h, []byte(vectorBody), time.Unix(vectorSent, 0)); !errors.Is(got, ErrSignature) {
		t.Errorf("Verify = %v, want %v", got, ErrSignature)
	}
}

func TestVerifyAcceptsFiveMinutesEitherWay(t *testing.T) {
	for _, tt := range []struct {
		name string
		now  int64
		want error
	}{
		{"5 min old", 300, nil},
		{"5 min ahead", -300, nil},
		{"older", 301, ErrTimestamp},
		{"further ahead", -301, ErrTimestamp},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mustSigner(t, firstSecret).Verify(signed(t, firstSecret), []byte(vectorBody), time.Unix(vectorSent+tt.now, 0))
			if !errors.Is(got, tt.want) {
				t.Errorf("Verify = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestOnlyASigningSecretIsTaken(t *testing.T) {
	of := func(n int) string { return "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, n)) }
	for _, tt := range []struct {
		name    string
		secrets []string
		ok      bool
	}{
		{"shortest", []string{of(24)}, true},
		{"longest", []string{of(64)}, true},
		{"two", []string{firstSecret, secondSecret}, true},
		{"none", nil, false},
		{"three", []string{firstSecret, secondSecret, of(24)}, false},
		{"too short", []string{of(23)}, false},
		{"too long", []string{of(65)}, false},
		{"empty", []string{""}, false},
		{"without a prefix", []string{firstSecret[6:]}, false},
		{"another prefix", []string{"whpk_" + firstSecret[6:]}, false},
		{"without padding", []string{strings.TrimRight(secondSecret, "=")}, false},
		{"alphabet of URLs", []string{"whsec_" + strings.Repeat("-_", 16)}, false},
		{"a line end", []string{firstSecret + "\n"}, false},
		{"bits behind the last byte", []string{strings.TrimSuffix(secondSecret, "8=") + "9="}, false},
		{"the second is none", []string{firstSecret, "whsec_hunter2"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := NewSigner(tt.secrets...)
			if (err == nil) != tt.ok || (s != nil) != tt.ok {
				t.Fatalf("NewSigner = %v, %v; want it to work: %v", s, err, tt.ok)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats the secret: %v", err)
			}
		})
	}
}

func TestASignerMayBeUsedByMany(t *testing.T) {
	s := mustSigner(t, firstSecret, secondSecret)
	done := make(chan error)
	for range 8 {
		go func() {
			var err error
			for i := range 100 {
				h, body := unsigned(), []byte(strings.Repeat("x", i))
				s.Sign(h, body, time.Unix(vectorSent, 0))
				err = errors.Join(err, s.Verify(h, body, time.Unix(vectorSent, 0)))
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	for name, secrets := range map[string][]string{"secrets=1": {firstSecret}, "secrets=2": {firstSecret, secondSecret}} {
		b.Run(name, func(b *testing.B) {
			s, h, body, at := mustSigner(b, secrets...), unsigned(), []byte(vectorBody), time.Unix(vectorSent, 0)
			b.ReportAllocs()
			for b.Loop() {
				s.Sign(h, body, at)
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	s, h, body, at := mustSigner(b, firstSecret), signed(b, firstSecret), []byte(vectorBody), time.Unix(vectorSent, 0)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Verify(h, body, at); err != nil {
			b.Fatal(err)
		}
	}
}
