package callback

import (
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// The library of Standard Webhooks is the oracle. It looks at the real clock.

func TestTheStandardLibraryVerifiesWhatIsSigned(t *testing.T) {
	for _, body := range []string{"", "{}", vectorBody, `{"text":"<&>` + "\u2028" + `"}`, strings.Repeat("x", 1<<16)} {
		h := unsigned()
		mustSigner(t, secondSecret, firstSecret).Sign(h, []byte(body), time.Now())
		for _, secret := range []string{firstSecret, secondSecret} {
			oracle := oracleOf(t, secret)
			if err := oracle.Verify([]byte(body), h); err != nil {
				t.Errorf("body of %d bytes with the secret %s: %v", len(body), secret, err)
			}
			if err := oracle.Verify([]byte(body+" "), h); err == nil {
				t.Errorf("another body than that of %d bytes was verified", len(body))
			}
		}
	}
}

func TestWhatTheStandardLibrarySignsVerifies(t *testing.T) {
	now := time.Now()
	for _, body := range []string{"", "{}", vectorBody, strings.Repeat("x", 1<<16)} {
		h := unsigned()
		mustSigner(t, firstSecret).Sign(h, []byte(body), now)
		signature, err := oracleOf(t, firstSecret).Sign(h.Get(HeaderEventID), now, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		h.Set(standardwebhooks.HeaderWebhookSignature, "v1,"+strings.Repeat("A", 43)+"= "+signature)
		if err := mustSigner(t, secondSecret, firstSecret).Verify(h, []byte(body), now); err != nil {
			t.Errorf("body of %d bytes: %v", len(body), err)
		}
	}
}

func TestHeadersHaveTheNamesOfTheStandardLibrary(t *testing.T) {
	h, now := unsigned(), time.Now()
	mustSigner(t, firstSecret).Sign(h, []byte(vectorBody), now)
	for name, want := range map[string]string{
		standardwebhooks.HeaderWebhookID: HeaderWebhookID, standardwebhooks.HeaderWebhookTimestamp: HeaderWebhookTimestamp,
		standardwebhooks.HeaderWebhookSignature: HeaderWebhookSignature,
	} {
		if got := http.CanonicalHeaderKey(name); got != want || h.Get(name) == "" {
			t.Errorf("header %s is %q here and has %q", got, want, h.Get(name))
		}
	}
}

func oracleOf(t *testing.T, secret string) *standardwebhooks.Webhook {
	t.Helper()
	oracle, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return oracle
}
