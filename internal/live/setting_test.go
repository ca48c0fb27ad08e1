package live_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
)

func appWith(callback *live.Callback, token *live.Token) *live.App {
	return &live.App{
		ID: 1400000001, Key: "key", Administrators: spare(accounts{"administrator"}), Callback: callback, Token: token,
		Delivery: live.Delivery{Profile: live.Durable}, DiscardTo: 7, Fingerprint: "f",
	}
}

// discarded is the App with another DiscardTo.
func discarded(app *live.App, to int64) *live.App {
	app.DiscardTo = to
	return app
}

// withDiscards is an App with two endpoints of which these numbers are discarded.
func withDiscards(audit, shadow int64) *live.App {
	app := appWith(nil, nil)
	app.Endpoints = []live.Endpoint{endpoint("audit"), endpoint("shadow")}
	app.Endpoints[0].DiscardTo, app.Endpoints[1].DiscardTo = audit, shadow
	return app
}

func callbackTo(url string, commands ...string) live.Callback {
	return live.Callback{URL: url, Commands: spare(commands)}
}

// configure does what the engine does with an App command, and fails when it modified what it was given.
func configure(t *testing.T, app *live.App, c live.AppCommand) (*live.App, error) {
	t.Helper()
	appBefore, commandBefore := deepCopy(app), deepCopy(c)
	err := c.Check()
	var next *live.App
	if err == nil {
		next, err = c.Apply(app)
	}
	if diff := cmp.Diff(appBefore, app); diff != "" {
		t.Fatalf("%s modified the App that it was given (-before +after):\n%s", c.Name(), diff)
	}
	if diff := cmp.Diff(commandBefore, c); diff != "" {
		t.Fatalf("%s modified itself (-before +after):\n%s", c.Name(), diff)
	}
	return next, err
}

func TestSettingsCommandsChangeWhatTheySayAndNothingElse(t *testing.T) {
	first, second := callbackTo("http://a", "Live.CallbackAfterModifyAdmin"), callbackTo("https://b", "x", "y")
	tokenOn := &live.Token{Token: "t", Enabled: true}
	cases := []struct {
		name    string
		before  *live.App
		command live.AppCommand
		want    *live.App
	}{
		{"set_callback the first time", appWith(nil, nil), live.SetCallback{Callback: first}, appWith(&first, nil)},
		{"set_callback keeps the token", appWith(nil, tokenOn), live.SetCallback{Callback: first}, appWith(&first, tokenOn)},
		{"set_callback without commands", appWith(nil, nil), live.SetCallback{Callback: callbackTo("http://a")}, appWith(&live.Callback{URL: "http://a"}, nil)},
		{"update_callback replaces URL and list", appWith(&first, tokenOn), live.UpdateCallback{Callback: second}, appWith(&second, tokenOn)},
		{"delete_callback", appWith(&first, tokenOn), live.DeleteCallback{}, appWith(nil, tokenOn)},
		{"delete_callback of none", appWith(nil, nil), live.DeleteCallback{}, appWith(nil, nil)},
		{"discard", appWith(&first, tokenOn), live.DiscardBacklog{To: 9}, discarded(appWith(&first, tokenOn), 9)},
		{"discard what is discarded already", appWith(&first, nil), live.DiscardBacklog{To: 6}, appWith(&first, nil)},
		{"discard what waits for an endpoint", withDiscards(0, 4), live.DiscardBacklog{Endpoint: "shadow", To: 9}, withDiscards(0, 9)},
		{"discard what is discarded already for an endpoint", withDiscards(0, 4), live.DiscardBacklog{Endpoint: "shadow", To: 3}, withDiscards(0, 4)},
		{"set_callback_token the first time", appWith(nil, nil), live.SetToken{Token: new("t"), Enabled: new(true)}, appWith(nil, tokenOn)},
		{"set_callback_token the first time, off", appWith(nil, nil), live.SetToken{Token: new("t"), Enabled: new(false)},
			appWith(nil, &live.Token{Token: "t"})},
		{"set_callback_token: the token alone", appWith(&first, tokenOn), live.SetToken{Token: new("u")},
			appWith(&first, &live.Token{Token: "u", Enabled: true})},
		{"set_callback_token: the switch alone", appWith(&first, tokenOn), live.SetToken{Enabled: new(false)},
			appWith(&first, &live.Token{Token: "t"})},
		{"set_callback_token: neither", appWith(&first, tokenOn), live.SetToken{}, appWith(&first, tokenOn)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := configure(t, c.before, c.command)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "App", got, c.want)
		})
	}
}

// Spec: callbacks 5.2, 100300, 100301 and 100302; REST 1.6.
func TestSettingsCommandsAreRefusedWithTheirDocumentedReason(t *testing.T) {
	first := callbackTo("http://a", "x")
	cases := []struct {
		name    string
		before  *live.App
		command live.AppCommand
		kind    live.Kind
		says    []string
	}{
		{"set_callback twice", appWith(&first, nil), live.SetCallback{Callback: first}, live.CallbackExists, []string{"update_callback"}},
		{"update_callback before set_callback", appWith(nil, nil), live.UpdateCallback{Callback: first}, live.CallbackNotFound, []string{"set_callback"}},
		{"the first token without its switch", appWith(nil, nil), live.SetToken{Token: new("t")},
			live.InvalidParameter, []string{"Token", "IsTokenEnable", "first time"}},
		{"the switch without a first token", appWith(nil, nil), live.SetToken{Enabled: new(true)},
			live.InvalidParameter, []string{"Token", "IsTokenEnable", "first time"}},
		{"set_callback of no App", nil, live.SetCallback{Callback: first}, live.SDKAppIDUnknown, []string{"SDKAppID"}},
		{"update_callback of no App", nil, live.UpdateCallback{Callback: first}, live.SDKAppIDUnknown, []string{"SDKAppID"}},
		{"delete_callback of no App", nil, live.DeleteCallback{}, live.SDKAppIDUnknown, []string{"SDKAppID"}},
		{"discard of no App", nil, live.DiscardBacklog{To: 1}, live.SDKAppIDUnknown, []string{"SDKAppID"}},
		{"discard of no endpoint", withDiscards(0, 4), live.DiscardBacklog{Endpoint: "other", To: 1}, live.InvalidParameter, []string{"no endpoint other"}},
		{"discard up to nothing", appWith(&first, nil), live.DiscardBacklog{}, live.InvalidParameter, []string{"To", "1 or above"}},
		{"set_callback_token of no App", nil, live.SetToken{Token: new("t"), Enabled: new(true)}, live.SDKAppIDUnknown, []string{"SDKAppID"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := configure(t, c.before, c.command)
			refused(t, err, c.kind, c.says...)
			if got != nil {
				t.Errorf("App = %+v, want none with a refusal", got)
			}
		})
	}
}

// Spec: callbacks 4.1.
func TestTokenHas1To128Characters(t *testing.T) {
	for _, token := range []string{"t", strings.Repeat("t", 128), strings.Repeat("観", 128)} {
		if err := (live.SetToken{Token: &token}).Check(); err != nil {
			t.Errorf("a token of %d bytes was refused: %v", len(token), err)
		}
	}
	for token, says := range map[string][]string{
		"":                       {"Token", "empty", "1 to 128"},
		strings.Repeat("t", 129): {"Token", "129 characters", "at most 128"},
		"t\x00":                  {"Token", "NUL"},
		"t\xff":                  {"Token", "UTF-8"},
	} {
		refused(t, live.SetToken{Token: &token}.Check(), live.InvalidParameter, says...)
	}
}

func TestRefusalsOfATokenDoNotShowIt(t *testing.T) {
	secret := strings.Repeat("s3cret", 30)
	err := live.SetToken{Token: &secret}.Check()
	if text := fmt.Sprint(err); strings.Contains(text, "s3cret") {
		t.Errorf("Info = %q, want no token in it", text)
	}
}

// The engine writes what is not the very App that was passed in.
func TestSettingsCommandThatChangesNothingReturnsTheVeryApp(t *testing.T) {
	first := callbackTo("http://a", "x", "y")
	app := appWith(&first, &live.Token{Token: "t", Enabled: true})
	for _, c := range []struct {
		name    string
		app     *live.App
		command live.AppCommand
		same    bool
	}{
		{"delete_callback of none", appWith(nil, nil), live.DeleteCallback{}, true},
		{"delete_callback", app, live.DeleteCallback{}, false},
		{"update_callback with what is there", app, live.UpdateCallback{Callback: callbackTo("http://a", "x", "y")}, true},
		{"update_callback in another order", app, live.UpdateCallback{Callback: callbackTo("http://a", "y", "x")}, false},
		{"discard what is discarded already", app, live.DiscardBacklog{To: 7}, true},
		{"discard", app, live.DiscardBacklog{To: 8}, false},
		{"set_callback_token with what is there", app, live.SetToken{Token: new("t"), Enabled: new(true)}, true},
		{"set_callback_token: neither", app, live.SetToken{}, true},
		{"set_callback_token: off", app, live.SetToken{Enabled: new(false)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := configure(t, c.app, c.command)
			if err != nil {
				t.Fatal(err)
			}
			if same := got == c.app; same != c.same {
				t.Errorf("the very App: %t, want %t", same, c.same)
			}
		})
	}
}

// A caller that goes on using its slice must not change committed settings.
func TestCommandListIsCopied(t *testing.T) {
	words := []string{"x", "y"}
	callback := live.Callback{URL: "http://a", Commands: words}
	set, err := configure(t, appWith(nil, nil), live.SetCallback{Callback: callback})
	if err != nil {
		t.Fatal(err)
	}
	updated, err := configure(t, set, live.UpdateCallback{Callback: callback})
	if err != nil {
		t.Fatal(err)
	}
	words[0] = "z"
	same(t, "set list", set.Callback.Commands, []string{"x", "y"})
	same(t, "updated list", updated.Callback.Commands, []string{"x", "y"})
}
