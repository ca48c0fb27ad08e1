package live_test

import (
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func TestConfigSectionCreatesAnApp(t *testing.T) {
	section := *appWith(&live.Callback{URL: "http://a"}, nil)
	got, err := configure(t, nil, live.ConfigureApp{App: section})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "App", got, &section)
}

func TestConfigSectionReplacesSettings(t *testing.T) {
	before := appWith(&live.Callback{URL: "http://old"}, &live.Token{Token: "old"})
	section := live.App{
		ID: before.ID, Key: "new", Callback: &live.Callback{URL: "http://new"}, Delivery: live.Delivery{Profile: live.Cloud}, Fingerprint: "g",
	}
	got, err := configure(t, before, live.ConfigureApp{App: section})
	if err != nil {
		t.Fatal(err)
	}
	want := section
	want.DiscardTo = before.DiscardTo // the log's, not the section's
	same(t, "App", got, &want)
}

// What is discarded of an endpoint stays so for as long as there is one of its name.
func TestConfigSectionKeepsWhatIsDiscardedOfAnEndpoint(t *testing.T) {
	before := withDiscards(3, 4)
	section := live.App{ID: before.ID, Key: "new", Endpoints: []live.Endpoint{endpoint("shadow"), endpoint("new")}}
	got, err := configure(t, before, live.ConfigureApp{App: section})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int64{"": 7, "shadow": 4, "new": 0, "audit": 0} {
		same(t, "what is discarded of "+name, got.DiscardedTo(name), want)
	}
}

func TestConfigSectionWithoutCallbackKeepsTheOneOfTheAPI(t *testing.T) {
	before := appWith(&live.Callback{URL: "http://a"}, &live.Token{Token: "t", Enabled: true})
	before.CallbackTLS = live.TLSFiles{CA: "ca.pem"}
	got, err := configure(t, before, live.ConfigureApp{App: live.App{ID: before.ID, Key: "new", Fingerprint: "g"}})
	if err != nil {
		t.Fatal(err)
	}
	want := *before
	want.Key, want.Administrators, want.Delivery, want.Fingerprint = "new", nil, live.Delivery{}, "g"
	same(t, "App", got, &want)
}

func TestConfigSectionWithABadAdministratorIsRefused(t *testing.T) {
	for account, says := range map[live.Account]string{"": "empty", live.Account(strings.Repeat("x", 33)): "33 bytes"} {
		_, err := configure(t, nil, live.ConfigureApp{App: live.App{Administrators: accounts{"administrator", account}}})
		refused(t, err, live.InvalidParameter, "administrators[1]", says)
	}
}
