package live

import (
	"fmt"
	"unicode/utf8"
)

// AppCommand changes the settings of one App.
type AppCommand interface {
	Command
	// Check refuses what is wrong whatever the settings are.
	Check() error
	// Apply returns the settings after the command, without modifying app, which is nil when there is no such App. The
	// very app that was passed in says that nothing changed, so nothing has to be written. An error is a refusal: an
	// *Error.
	Apply(app *App) (*App, error)
}

func unknownApp() error { return Refuse(SDKAppIDUnknown, "there is no such SDKAppID here") }

// SetCallback configures the callback for the first time. Spec: live_config/set_callback.
type SetCallback struct{ Callback Callback }

// Name implements [Command].
func (SetCallback) Name() string { return "set_callback" }

// Check implements [AppCommand].
func (c SetCallback) Check() error { return c.Callback.Check() }

// Apply implements [AppCommand]; [CallbackExists] when there is a configuration already.
func (c SetCallback) Apply(app *App) (*App, error) {
	if app == nil {
		return nil, unknownApp()
	}
	if app.Callback != nil {
		return nil, Refuse(CallbackExists, "a callback is configured already; change it with update_callback")
	}
	next := *app
	next.Callback = c.Callback.clone()
	return &next, nil
}

// UpdateCallback replaces the callback configuration. Spec: live_config/update_callback.
type UpdateCallback struct{ Callback Callback }

// Name implements [Command].
func (UpdateCallback) Name() string { return "update_callback" }

// Check implements [AppCommand].
func (c UpdateCallback) Check() error { return c.Callback.Check() }

// Apply implements [AppCommand]; [CallbackNotFound] when there is no configuration.
func (c UpdateCallback) Apply(app *App) (*App, error) {
	if app == nil {
		return nil, unknownApp()
	}
	if app.Callback == nil {
		return nil, noCallback()
	}
	if app.Callback.equal(c.Callback) {
		return app, nil
	}
	next := *app
	next.Callback = c.Callback.clone()
	return &next, nil
}

func noCallback() error {
	return Refuse(CallbackNotFound, "no callback is configured; configure it with set_callback")
}

// DeleteCallback ends callbacks: what is not delivered yet is discarded. Spec: live_config/delete_callback.
type DeleteCallback struct{}

// Name implements [Command].
func (DeleteCallback) Name() string { return "delete_callback" }

// Check implements [AppCommand].
func (DeleteCallback) Check() error { return nil }

// Apply implements [AppCommand]. Deleting what is not there changes nothing: no private code is documented for it.
func (DeleteCallback) Apply(app *App) (*App, error) {
	if app == nil {
		return nil, unknownApp()
	}
	if app.Callback == nil {
		return app, nil
	}
	next := *app
	next.Callback = nil
	return &next, nil
}

// DiscardBacklog ends the wait for what is not delivered yet, up to a number that the log has: nobody wants it any more at the
// callback URL, or at an endpoint that is named.
type DiscardBacklog struct {
	Endpoint string
	To       int64
}

// Name implements [Command].
func (DiscardBacklog) Name() string { return "discard" }

// Check implements [AppCommand].
func (c DiscardBacklog) Check() error {
	if c.To < 1 {
		return invalid("To must be a number of the log, 1 or above")
	}
	return nil
}

// Apply implements [AppCommand]. What is discarded stays so: a number below changes nothing.
func (c DiscardBacklog) Apply(app *App) (*App, error) {
	if app == nil {
		return nil, unknownApp()
	}
	if _, ok := app.Endpoint(c.Endpoint); c.Endpoint != "" && !ok {
		return nil, invalid("there is no endpoint %.32s", c.Endpoint)
	}
	if c.To <= app.DiscardedTo(c.Endpoint) {
		return app, nil
	}
	next := *app
	if c.Endpoint == "" {
		next.DiscardTo = c.To
	} else {
		next.Endpoints = discard(app.Endpoints, c.Endpoint, c.To)
	}
	return &next, nil
}

// SetToken configures the callback authentication: the first time both fields, later what changes.
// Spec: live_config/set_callback_token.
type SetToken struct {
	Token   *string
	Enabled *bool
}

// Name implements [Command].
func (SetToken) Name() string { return "set_callback_token" }

// Check implements [AppCommand].
func (c SetToken) Check() error {
	if c.Token == nil {
		return nil
	}
	if *c.Token == "" {
		return invalid("Token is empty; it takes 1 to %d characters", MaxToken)
	}
	if n := utf8.RuneCountInString(*c.Token); n > MaxToken {
		return invalid("Token has %d characters; at most %d are allowed", n, MaxToken)
	}
	return checkText("Token", *c.Token)
}

// Apply implements [AppCommand].
func (c SetToken) Apply(app *App) (*App, error) {
	if app == nil {
		return nil, unknownApp()
	}
	if app.Token == nil && (c.Token == nil || c.Enabled == nil) {
		return nil, invalid("Token and IsTokenEnable are both needed the first time")
	}
	token := Token{}
	if app.Token != nil {
		token = *app.Token
	}
	set(&token.Token, c.Token)
	set(&token.Enabled, c.Enabled)
	if app.Token != nil && *app.Token == token {
		return app, nil
	}
	next := *app
	next.Token = &token
	return &next, nil
}

// ConfigureApp applies a section of the config file: it creates the App or replaces its settings. A nil Callback
// leaves the callback as it is, because it may have been set through the REST API.
type ConfigureApp struct {
	App App
}

// Name implements [Command].
func (ConfigureApp) Name() string { return "configure" }

// Check implements [AppCommand].
func (c ConfigureApp) Check() error {
	for i, a := range c.App.Administrators {
		if err := a.Check(fmt.Sprintf("administrators[%d]", i)); err != nil {
			return err
		}
	}
	if err := checkEndpoints(c.App.Endpoints); err != nil {
		return err
	}
	if err := checkSecrets(c.App.SigningSecrets); err != nil {
		return err
	}
	switch {
	case c.App.Callback == nil:
		return nil
	case c.App.Callback.URL == "" && len(c.App.Endpoints) > 0:
		return c.App.Callback.checkCommands()
	}
	return c.App.Callback.Check()
}

// Apply implements [AppCommand].
func (c ConfigureApp) Apply(app *App) (*App, error) {
	next := c.App
	if app == nil {
		return &next, nil
	}
	next.DiscardTo, next.Endpoints = app.DiscardTo, stillDiscarded(next.Endpoints, app)
	if next.Callback == nil {
		next.Callback, next.Token, next.CallbackTLS, next.SigningSecrets = app.Callback, app.Token, app.CallbackTLS, app.SigningSecrets
	}
	return &next, nil
}
