package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/callboard/callboard/internal/config"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// configActor is who changed a setting, in the audit table, when the config did.
var configActor = live.Actor{Account: "@config", Platform: "config"}

// applyConfig applies the sections that differ from what was applied last. In between, what was changed by the REST
// API stands.
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

func appFromConfig(c *config.App) *live.App {
	app := &live.App{
		ID: live.AppID(c.SDKAppID), Key: c.Key.Reveal(), Production: c.Production, Fingerprint: c.Fingerprint(),
		Delivery: live.Delivery{
			Profile: live.Profile(c.Delivery.Profile), StrictAnswers: c.Delivery.Answers == config.AnswersStrict,
			Timeout: c.Delivery.Timeout, Concurrency: c.Delivery.Concurrency, GiveUpAfter: c.Delivery.GiveUpAfter,
		},
	}
	for _, a := range c.Administrators {
		app.Administrators = append(app.Administrators, live.Account(a))
	}
	if c.Callback != nil {
		app.Callback = &live.Callback{URL: c.Callback.URL, Commands: c.Callback.Commands}
		app.CallbackTLS = live.TLSFiles(c.Callback.TLS)
		if token := c.Callback.Token.Reveal(); token != "" {
			app.Token = &live.Token{Token: token, Enabled: true}
		}
	}
	return app
}

var errPostgres = errors.New("PostgreSQL is not built yet: use --database sqlite:FILE")

// databasePath takes the file out of sqlite:FILE.
func databasePath(database string) (string, error) {
	if path, ok := strings.CutPrefix(database, "sqlite:"); ok && path != "" {
		return path, nil
	}
	if strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://") {
		return "", errPostgres
	}
	return "", fmt.Errorf("the database is not known: use sqlite:FILE")
}
