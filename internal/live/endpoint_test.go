package live_test

import (
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/live"
)

func endpoint(name string) live.Endpoint {
	return live.Endpoint{Name: name, Destination: live.Destination{
		URL: "http://" + name, Token: "t", SigningSecrets: []string{"whsec_1"}, TLS: live.TLSFiles{CA: "ca.pem"},
		Delivery: live.Delivery{Profile: live.Durable, Timeout: time.Second},
	}}
}

func TestEndpointsThatCannotBeUsedAreRefused(t *testing.T) {
	with := func(edit func(*live.Endpoint)) []live.Endpoint {
		e := endpoint("audit")
		edit(&e)
		return []live.Endpoint{endpoint("first"), e}
	}
	named := func(name string) []live.Endpoint { return with(func(e *live.Endpoint) { e.Name = name }) }
	many := make([]live.Endpoint, live.MaxEndpoints+1)
	for i := range many {
		many[i] = endpoint(strings.Repeat("a", i+1))
	}
	cases := []struct {
		name string
		list []live.Endpoint
		says string
	}{
		{"good", named("a-0"), ""},
		{"longest name", named(strings.Repeat("a", live.MaxEndpointName)), ""},
		{"most", many[1:], ""},
		{"no name", named(""), "name of an endpoint"},
		{"long name", named(strings.Repeat("a", live.MaxEndpointName+1)), "32 of a-z"},
		{"capital letter", named("Audit"), "a-z"},
		{"other character", named("a_b"), "a-z"},
		{"same name", named("first"), "first stands twice"},
		{"too many", many, "9 endpoints"},
		{"no URL", with(func(e *live.Endpoint) { e.URL = "" }), "endpoint audit"},
		{"bad URL", with(func(e *live.Endpoint) { e.URL = "ftp://a" }), "endpoint audit"},
		{"three secrets", with(func(e *live.Endpoint) { e.SigningSecrets = []string{"a", "b", "c"} }), "3 signing secrets"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := live.ConfigureApp{App: live.App{Endpoints: c.list}}.Check()
			if c.says == "" && err != nil {
				t.Error(err)
			}
			if c.says != "" {
				refused(t, err, live.InvalidParameter, c.says)
			}
		})
	}
}

func TestACallbackNeedsAURLUnlessThereIsAnEndpoint(t *testing.T) {
	app := live.App{Callback: &live.Callback{Commands: []string{"x"}}}
	refused(t, live.ConfigureApp{App: app}.Check(), live.InvalidParameter, "Url")
	app.Endpoints = []live.Endpoint{endpoint("audit")}
	if err := (live.ConfigureApp{App: app}).Check(); err != nil {
		t.Error(err)
	}
	app.Callback.Commands = []string{""}
	refused(t, live.ConfigureApp{App: app}.Check(), live.InvalidParameter, "CallbackCommandList[0]")
}

// The REST API has no word for signing secrets: they are the config's, as the TLS files are.
func TestTheAPILeavesSigningSecretsAndEndpointsAlone(t *testing.T) {
	app := appWith(&live.Callback{URL: "http://a", Commands: []string{"x"}}, nil)
	app.SigningSecrets, app.Endpoints = []string{"whsec_1", "whsec_2"}, []live.Endpoint{endpoint("audit")}
	for _, cmd := range []live.AppCommand{
		live.UpdateCallback{Callback: live.Callback{URL: "http://b"}},
		live.DeleteCallback{},
		live.SetCallback{Callback: live.Callback{URL: "http://c", Commands: []string{"x"}}},
		live.ConfigureApp{App: live.App{ID: app.ID, Endpoints: app.Endpoints}}, // without a callback section
	} {
		next, err := configure(t, app, cmd)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "secrets after "+cmd.Name(), next.SigningSecrets, app.SigningSecrets)
		same(t, "endpoints after "+cmd.Name(), next.Endpoints, app.Endpoints)
		app = next
	}
}

func TestEachDestinationHasSettingsOfItsOwn(t *testing.T) {
	app := appWith(&live.Callback{URL: "http://a"}, &live.Token{Token: "token", Enabled: true})
	app.SigningSecrets, app.CallbackTLS = []string{"whsec_0"}, live.TLSFiles{CA: "callback.pem"}
	app.Delivery = live.Delivery{Profile: live.Cloud}
	app.Endpoints = []live.Endpoint{endpoint("audit"), endpoint("shadow")}
	same(t, "callback", app.CallbackDestination(), live.Destination{
		URL: "http://a", Token: "token", SigningSecrets: app.SigningSecrets, TLS: app.CallbackTLS, Delivery: app.Delivery,
	})
	got, ok := app.Endpoint("shadow")
	same(t, "there is the endpoint", ok, true)
	same(t, "endpoint", got, endpoint("shadow").Destination)
	if _, ok := app.Endpoint("other"); ok {
		t.Error("there is an endpoint that nobody named")
	}
	app.Token.Enabled, app.Callback = false, nil
	if got := app.CallbackDestination(); got.URL != "" || got.Token != "" {
		t.Errorf("URL %q and token %q without a callback and with the token switched off", got.URL, got.Token)
	}
}

func TestEveryChangeOfAnEndpointIsAudited(t *testing.T) {
	with := func(edit func(*live.Endpoint)) *live.App {
		app, e := appWith(nil, nil), endpoint("audit")
		edit(&e)
		app.Endpoints = []live.Endpoint{e}
		return app
	}
	before := with(func(*live.Endpoint) {})
	same(t, "nothing changed", live.ChangedSettings(before, with(func(*live.Endpoint) {})), []string(nil))
	for name, edit := range map[string]func(*live.Endpoint){
		"name":    func(e *live.Endpoint) { e.Name = "other" },
		"URL":     func(e *live.Endpoint) { e.URL = "http://other" },
		"token":   func(e *live.Endpoint) { e.Token = "other" },
		"secrets": func(e *live.Endpoint) { e.SigningSecrets = nil },
		"TLS":     func(e *live.Endpoint) { e.TLS.Key = "other" },
		"timeout": func(e *live.Endpoint) { e.Delivery.Timeout++ },
	} {
		same(t, name, live.ChangedSettings(before, with(edit)), []string{"endpoints"})
	}
	same(t, "what is discarded", live.ChangedSettings(before, with(func(e *live.Endpoint) { e.DiscardTo = 3 })), []string{"discard"})
}
