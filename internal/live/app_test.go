package live_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func TestCommandIsSubscribedWhenItsSwitchIsOnAndAURLIsSet(t *testing.T) {
	on := "Live.CallbackAfterModifyAdmin"
	cases := []struct {
		name     string
		callback *live.Callback
		command  string
		want     bool
	}{
		{"on", &live.Callback{URL: "http://a", Commands: []string{"x", on}}, on, true},
		{"another is on", &live.Callback{URL: "http://a", Commands: []string{"x"}}, on, false},
		{"letter case counts", &live.Callback{URL: "http://a", Commands: []string{strings.ToLower(on)}}, on, false},
		{"no URL", &live.Callback{Commands: []string{on}}, on, false},
		{"no callback", nil, on, false},
		{"no command", &live.Callback{URL: "http://a"}, on, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := appWith(c.callback, nil).Subscribed(c.command); got != c.want {
				t.Errorf("Subscribed(%q) = %t, want %t", c.command, got, c.want)
			}
		})
	}
}

func TestCommandIsSubscribedForAnEndpointToo(t *testing.T) {
	on := "Live.CallbackAfterModifyAdmin"
	cases := []struct {
		name     string
		callback *live.Callback
		want     bool
	}{
		{"URL of the endpoint only", &live.Callback{Commands: []string{on}}, true},
		{"URL of both", &live.Callback{URL: "http://a", Commands: []string{on}}, true},
		{"another is on", &live.Callback{Commands: []string{"x"}}, false},
		{"no callback, so no commands", nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			app := appWith(c.callback, nil)
			app.Endpoints = []live.Endpoint{endpoint("audit")}
			if got := app.Subscribed(on); got != c.want {
				t.Errorf("Subscribed = %t, want %t", got, c.want)
			}
		})
	}
}

func TestAppAdministratorsAreThoseNamed(t *testing.T) {
	app := appWith(nil, nil)
	for account, want := range map[live.Account]bool{"administrator": true, "Administrator": false, "user1": false, "": false} {
		if got := app.IsAdministrator(account); got != want {
			t.Errorf("IsAdministrator(%q) = %t, want %t", account, got, want)
		}
	}
}

func TestLogsShowNothingOfAnAppButItsID(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	app := appWith(&live.Callback{URL: "http://a?password=s3cret"}, &live.Token{Token: "s3cret"})
	app.Key = "s3cret"
	log.Info("changed", "app", app)
	if !strings.Contains(out.String(), `"app":1400000001`) || strings.Contains(out.String(), "s3cret") {
		t.Errorf("log = %s, want the id and no secret", out.String())
	}
}

func TestNewAppIsAuditedAsCreated(t *testing.T) {
	same(t, "changed", live.ChangedSettings(nil, appWith(nil, nil)), []string{"created"})
}

func TestAuditNamesEachChangedSetting(t *testing.T) {
	with := func(change func(*live.App)) *live.App {
		app := appWith(&live.Callback{URL: "http://a", Commands: []string{"x", "y"}}, &live.Token{Token: "t"})
		change(app)
		return app
	}
	before := with(func(*live.App) {})
	cases := []struct {
		name  string
		after *live.App
		want  []string
	}{
		{"nothing", with(func(*live.App) {}), nil},
		{"key", with(func(a *live.App) { a.Key = "other" }), []string{"key"}},
		{"administrators", with(func(a *live.App) { a.Administrators = nil }), []string{"administrators"}},
		{"tokens", with(func(a *live.App) { a.Tokens = []string{"t"} }), []string{"tokens"}},
		{"production", with(func(a *live.App) { a.Production = true }), []string{"production"}},
		{"URL", with(func(a *live.App) { a.Callback.URL = "http://b" }), []string{"callback.url"}},
		{"commands", with(func(a *live.App) { a.Callback.Commands = []string{"x"} }), []string{"callback.commands"}},
		{"callback deleted", with(func(a *live.App) { a.Callback = nil }), []string{"callback.url", "callback.commands"}},
		{"token", with(func(a *live.App) { a.Token.Token = "u" }), []string{"callback.token"}},
		{"token switched on", with(func(a *live.App) { a.Token.Enabled = true }), []string{"callback.token"}},
		{"token gone", with(func(a *live.App) { a.Token = nil }), []string{"callback.token"}},
		{"TLS", with(func(a *live.App) { a.CallbackTLS.CA = "ca.pem" }), []string{"callback.tls"}},
		{"delivery", with(func(a *live.App) { a.Delivery.StrictAnswers = true }), []string{"delivery"}},
		{"signing secrets", with(func(a *live.App) { a.SigningSecrets = []string{"whsec_s3cret"} }), []string{"callback.signing_secrets"}},
		{"endpoint added", with(func(a *live.App) { a.Endpoints = []live.Endpoint{endpoint("audit")} }), []string{"endpoints"}},
		{"discard", with(func(a *live.App) { a.DiscardTo = 8 }), []string{"discard"}},
		{"two", with(func(a *live.App) { a.Key, a.Production = "other", true }), []string{"key", "production"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			same(t, "changed", live.ChangedSettings(before, c.after), c.want)
		})
	}
}
