package callback

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

// signedHandler knows the first secret and tells how often its function was called.
func signedHandler(calls *int, secrets ...string) *Handler {
	return &Handler{
		SDKAppID: ownID, SigningSecrets: secrets, ErrorLog: quiet, Now: func() time.Time { return time.Unix(vectorSent, 0) },
		OnModifyAdmin: func(context.Context, Delivery, ModifyAdmin) error { *calls++; return nil },
	}
}

// flat lists a header as post takes it.
func flat(h http.Header) []string {
	var list []string
	for name, values := range h {
		for _, value := range values {
			list = append(list, name, value)
		}
	}
	return list
}

func TestWithSigningSecretsOnlyCallbacksThatAreSignedPass(t *testing.T) {
	without := func(name string) http.Header {
		h := signed(t, firstSecret)
		h.Del(name)
		return h
	}
	late := unsigned()
	mustSigner(t, firstSecret).Sign(late, []byte(vectorBody), time.Unix(vectorSent-301, 0))
	forged := signed(t, firstSecret)
	forged.Set(HeaderRoomSeq, "18")
	const refused = "a signature or its timestamp is not valid"
	for _, tt := range []struct {
		name    string
		secrets []string
		header  http.Header
		status  int
		info    string
	}{
		{"signed", []string{firstSecret}, signed(t, firstSecret), 200, ""},
		{"signed with the other live secret", []string{secondSecret, firstSecret}, signed(t, firstSecret), 200, ""},
		{"no secrets, not signed", nil, unsigned(), 200, ""},
		{"no secrets, signed", nil, signed(t, firstSecret), 200, ""},
		{"not signed", []string{firstSecret}, unsigned(), 403, refused},
		{"no headers at all", []string{firstSecret}, nil, 403, refused},
		{"headers not signed", []string{firstSecret}, without(HeaderSignature), 403, refused},
		{"body not signed", []string{firstSecret}, without(HeaderWebhookSignature), 403, refused},
		{"no timestamp", []string{firstSecret}, without(HeaderWebhookTimestamp), 403, refused},
		{"another secret", []string{secondSecret}, signed(t, firstSecret), 403, refused},
		{"a forged header", []string{firstSecret}, forged, 403, refused},
		{"replayed after 5 min", []string{firstSecret}, late, 403, refused},
		{"a secret that is none", []string{"whsec_hunter2"}, signed(t, firstSecret), 500, "the signing secrets of this App backend cannot be used"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			calls := 0
			status, answer := post(t, signedHandler(&calls, tt.secrets...), seedQuery, vectorBody, flat(tt.header)...)
			want, wantCalls := answeredOK, 1
			if tt.status != 200 {
				want, wantCalls = fail(tt.info, tt.status), 0
			}
			if status != tt.status || answer != want || calls != wantCalls {
				t.Errorf("answer = %d %s after %d calls, want %d %s after %d", status, answer, calls, tt.status, want, wantCalls)
			}
		})
	}
}

func TestTheLogOfARefusedSignatureHasNoSecrets(t *testing.T) {
	var log bytes.Buffer
	h := &Handler{SDKAppID: ownID, SigningSecrets: []string{secondSecret}, ErrorLog: slog.New(slog.NewTextHandler(&log, nil))}
	post(t, h, seedQuery, vectorBody, flat(signed(t, firstSecret))...)
	h = &Handler{SDKAppID: ownID, SigningSecrets: []string{"whsec_hunter2"}, ErrorLog: h.ErrorLog}
	post(t, h, seedQuery, vectorBody, flat(signed(t, firstSecret))...)
	if got := strings.Count(log.String(), "level=WARN"); got != 2 {
		t.Errorf("log has %d warnings, want 2:\n%s", got, log.String())
	}
	for _, secret := range []string{secondSecret[6:], "hunter2", vectorWebhook[3:40], vectorHeaders[3:40]} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("log contains %q, want no secrets:\n%s", secret, log.String())
		}
	}
}

func FuzzVerifyTakesOnlyWhatWasSigned(f *testing.F) {
	f.Add(vectorSentText, vectorWebhook, vectorHeaders, "19", []byte(vectorBody))
	f.Add("0", "v1,", " v1, ,", "", []byte("{}"))
	f.Fuzz(func(t *testing.T, timestamp, webhook, headers, roomSeq string, body []byte) {
		h := unsigned()
		h[HeaderWebhookID], h[HeaderWebhookTimestamp] = h[HeaderEventID], []string{timestamp}
		h[HeaderWebhookSignature], h[HeaderSignature], h[HeaderRoomSeq] = []string{webhook}, []string{headers}, []string{roomSeq}
		err := mustSigner(t, firstSecret, secondSecret).Verify(h, body, time.Unix(vectorSent, 0))
		isVector := timestamp == vectorSentText && strings.Trim(roomSeq, " \t") == "19" && string(body) == vectorBody
		if err == nil && !isVector {
			t.Errorf("%q, %q, %q, %q, %q verifies", timestamp, webhook, headers, roomSeq, body)
		}
	})
}

const vectorSentText = "1703589923"
