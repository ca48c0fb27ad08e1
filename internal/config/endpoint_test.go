package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/config"
)

func TestAnEndpointHasTheDeliveryOfItsAppUnlessItHasItsOwn(t *testing.T) {
	const text = `
apps:
  - sdkappid: 1
    key: ab
    endpoints:
      - {name: as-app, url: http://a/}
      - {name: own, url: http://b/, delivery: {profile: cloud}}
      - {name: empty, url: http://c/, delivery: {}}
    delivery: {timeout: 7s, concurrency: 3}
`
	of := func(profile string, timeout time.Duration, concurrency int) config.Delivery {
		return config.Delivery{Profile: profile, Answers: "lenient", Timeout: timeout, GiveUpAfter: 24 * time.Hour, Concurrency: concurrency}
	}
	want := []config.Endpoint{
		{Name: "as-app", URL: "http://a/", Delivery: of("durable", 7*time.Second, 3)},
		{Name: "own", URL: "http://b/", Delivery: of("cloud", 2*time.Second, 64)},
		{Name: "empty", URL: "http://c/", Delivery: of("durable", 5*time.Second, 64)},
	}
	if diff := cmp.Diff(mustLoad(t, text, nil).Apps[0].Endpoints, want, plain); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

// The commands are the callback's, so that an App may call its endpoints only.
func TestACallbackWithoutURLIsAcceptedWhereThereIsAnEndpoint(t *testing.T) {
	const text = "apps: [{sdkappid: 1, key: ab, callback: {commands: [Live.CallbackAfterModifyAdmin]}, endpoints: [{name: a, url: http://a/}]}]"
	if got := mustLoad(t, text, nil).Apps[0].Callback; got.URL != "" || len(got.Commands) != 1 {
		t.Errorf("got the callback %v, want one command without a URL", got)
	}
}

func TestSigningSecretsComeFromTheEnvironment(t *testing.T) {
	const text = "apps: [{sdkappid: 1, key: '${K}', callback: {url: http://h/, commands: [], signing_secrets: ['${NEW}', '${OLD}']}}]"
	vars := map[string]string{
		"K": "ab", "NEW": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "OLD": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	}
	want := []config.Secret{config.Secret(vars["NEW"]), config.Secret(vars["OLD"])}
	if diff := cmp.Diff(mustLoad(t, text, vars).Apps[0].Callback.SigningSecrets, want, plain); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}
