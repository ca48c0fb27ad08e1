package config_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/config"
)

// refusing is an Options.Check that refuses keys with a fixed text.
func refusing(keys ...string) func(*config.Config) []config.Finding {
	return func(*config.Config) []config.Finding {
		var found []config.Finding
		for _, key := range keys {
			found = append(found, config.Finding{Key: key, Err: errors.New("no")})
		}
		return found
	}
}

func TestWhatTheUsersOfSettingsRefuseIsNamedByItsPlace(t *testing.T) {
	const file = `listen: 127.0.0.1:1
database: sqlite:file.db
tls: {certificate: c, key: k}
apps:
  - sdkappid: 7
    key: ab
  - sdkappid: 8
    key: ab
    callback:
      url: https://h
      commands: []
      tls: {ca: x}
`
	path := write(t, "callboard.yaml", file)
	for _, c := range []struct {
		name, key, database string
		vars                map[string]string
		want                string
	}{
		{name: "database", key: "database", want: path + ":2: database: no"},
		{name: "database of a variable", key: "database", vars: map[string]string{config.EnvDatabase: "sqlite:v"}, want: "CALLBOARD_DATABASE: no"},
		{name: "database of a flag", key: "database", database: "sqlite:f",
			vars: map[string]string{config.EnvDatabase: "sqlite:v"}, want: "--database: no"},
		{name: "certificate", key: "tls", want: path + ":3: tls: no"},
		{name: "certificate of a variable", key: "tls", vars: map[string]string{config.EnvTLSKey: "k2"}, want: "CALLBOARD_TLS_KEY: no"},
		{name: "section", key: "apps[1]", want: path + ":7: apps[1]: no"},
		{name: "URL", key: "apps[1].callback.url", want: path + ":10: apps[1].callback.url: no"},
		{name: "TLS to an App backend", key: "apps[1].callback.tls", want: path + ":12: apps[1].callback.tls: no"},
		{name: "what nobody gave", key: "apps[0].callback.url", want: "apps[0].callback.url: no"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _, err := config.Load(config.Options{
				Path: path, Database: c.database, Getenv: environment(c.vars), Check: refusing(c.key),
			})
			if diff := cmp.Diff(fmt.Sprint(err), c.want); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
			if got.Listen != "" {
				t.Errorf("got a Config beside the error: %+v", got)
			}
		})
	}
}

// A rule that reads files or judges addresses may rely on a config that is right by itself.
func TestUsersOfSettingsAreAskedOnlyWhenAllElseIsRight(t *testing.T) {
	check := func(*config.Config) []config.Finding {
		t.Error("Check was called")
		return nil
	}
	path := write(t, "callboard.yaml", "listen: nowhere")
	if _, _, err := config.Load(config.Options{Path: path, Getenv: environment(nil), Check: check}); err == nil {
		t.Error("got no error")
	}
}
