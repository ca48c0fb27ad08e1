package server

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/callboard/callboard/internal/config"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// configActor is who changed a setting, in the audit table, when the config did.
var configActor = live.Actor{Account: "@config", Platform: "config"}

// applyConfig applies the sections that differ from what was applied last. In between, what was changed by the REST
// API stands. All sections have passed [Check] before, so that none is applied beside one that is refused.
func applyConfig(ctx context.Context, eng *engine.Engine, cfg *config.Config, log *slog.Logger) error {
	for i := range cfg.Apps {
		section := &cfg.Apps[i]
		app := appFromConfig(section)
		if known := eng.App(app.ID); known != nil && known.Fingerprint == app.Fingerprint {
			continue
		}
		if _, err := eng.Do(ctx, app.ID, configActor, live.ConfigureApp{App: *app}); err != nil {
			return fmt.Errorf("apply apps[%d] (sdkappid %d) of the config: %w", i, app.ID, err)
		}
		log.Info("a section of the config was applied", "sdkappid", app.ID)
	}
	return nil
}

// maxNamed is how many Apps one line of the log names.
const maxNamed = 20

// warnOfStored tells of what is in the database and works otherwise than who wrote the config may think: Apps that it
// does not name, and callback URLs, set by REST, that may not be called any more.
func warnOfStored(eng *engine.Engine, cfg *config.Config, guard *egress.Guard, log *slog.Logger) {
	named := make(map[live.AppID]bool, len(cfg.Apps))
	for i := range cfg.Apps {
		named[live.AppID(cfg.Apps[i].SDKAppID)] = true
	}
	var unnamed []live.AppID
	for _, app := range eng.AllApps() {
		if !named[app.ID] {
			unnamed = append(unnamed, app.ID)
		}
		warnOfGuarded(app, guard, log)
	}
	if len(cfg.Apps) > 0 && len(unnamed) > 0 {
		log.Warn("the database has Apps that the config does not name; they are served with the settings of an earlier config. "+
			"To refuse their calls, give each a section with administrators: []; to end their callbacks, call delete_callback before",
			"count", len(unnamed), "sdkappids", unnamed[:min(len(unnamed), maxNamed)])
	}
}

// warnOfGuarded tells of URLs of an App that may not be called.
func warnOfGuarded(app *live.App, guard *egress.Guard, log *slog.Logger) {
	if app.HasCallbackURL() {
		if err := guard.CheckURL(app.Callback.URL); err != nil {
			log.Warn("the callback URL of an App may not be called: no callback is sent until it may, or is changed by REST",
				"sdkappid", app.ID, "error", err)
		}
	}
	for i := range app.Endpoints {
		if err := guard.CheckURL(app.Endpoints[i].URL); err != nil {
			log.Warn("the URL of an endpoint may not be called: nothing is sent there until it may, or is changed in the config",
				"sdkappid", app.ID, "endpoint", app.Endpoints[i].Name, "error", err)
		}
	}
}

func appFromConfig(c *config.App) *live.App {
	app := &live.App{
		ID: live.AppID(c.SDKAppID), Key: c.Key.Reveal(), Production: c.Production, Fingerprint: c.Fingerprint(),
		Delivery: deliveryFromConfig(c.Delivery), Dissolve: live.Dissolve(c.Dissolve),
		DocumentedLimits: c.Limits == config.LimitsDocumented, MaxRooms: c.MaxRooms,
		FeedCommands: c.FeedCommands,
	}
	for _, a := range c.Administrators {
		app.Administrators = append(app.Administrators, live.Account(a))
	}
	app.Tokens, app.ReadTokens = revealed(c.Tokens), revealed(c.ReadTokens)
	if c.Callback != nil {
		app.Callback = &live.Callback{URL: c.Callback.URL, Commands: c.Callback.Commands}
		app.CallbackTLS = live.TLSFiles(c.Callback.TLS)
		if token := c.Callback.Token.Reveal(); token != "" {
			app.Token = &live.Token{Token: token, Enabled: true}
		}
		app.SigningSecrets = revealed(c.Callback.SigningSecrets)
	}
	for i := range c.Endpoints {
		e := &c.Endpoints[i]
		app.Endpoints = append(app.Endpoints, live.Endpoint{Name: e.Name, Destination: live.Destination{
			URL: e.URL, Token: e.Token.Reveal(), SigningSecrets: revealed(e.SigningSecrets), TLS: live.TLSFiles(e.TLS),
			Delivery: deliveryFromConfig(e.Delivery),
		}})
	}
	return app
}

func deliveryFromConfig(d config.Delivery) live.Delivery {
	return live.Delivery{
		Profile: live.Profile(d.Profile), StrictAnswers: d.Answers == config.AnswersStrict,
		Timeout: d.Timeout, Concurrency: d.Concurrency, GiveUpAfter: d.GiveUpAfter,
	}
}

func revealed(secrets []config.Secret) []string {
	var list []string
	for _, s := range secrets {
		list = append(list, s.Reveal())
	}
	return list
}
