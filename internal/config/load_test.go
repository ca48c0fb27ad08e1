package config_test

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/internal/config"
)

// plain compares the text of secrets, and prefixes as netip does.
var plain = cmp.Options{
	cmpopts.EquateComparable(netip.Prefix{}),
	cmp.Transformer("reveal", func(s config.Secret) string { return s.Reveal() }),
}

// environment is a Getenv over fixed variables.
func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// write stores a private file in a folder of its own and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// load loads a text as callboard.yaml with fixed variables.
func load(t *testing.T, text string, vars map[string]string) (config.Config, []config.Warning, error) {
	t.Helper()
	return config.Load(config.Options{Path: write(t, "callboard.yaml", text), Getenv: environment(vars)})
}

// mustLoad is load for a text that must be right, without warnings.
func mustLoad(t *testing.T, text string, vars map[string]string) config.Config {
	t.Helper()
	cfg, warnings, err := load(t, text, vars)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range warnings {
		t.Errorf("warning: %v", w)
	}
	return cfg
}

func TestWithoutAnyFileTheDefaultsApply(t *testing.T) {
	t.Chdir(t.TempDir())
	got, warnings, err := config.Load(config.Options{Getenv: environment(nil)})
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	want := config.Config{Listen: "127.0.0.1:8080", Database: "sqlite:callboard.db", Memory: 200_000_000,
		Retention: config.Retention{Log: 7 * 24 * time.Hour, Dead: 30 * 24 * time.Hour}}
	if diff := cmp.Diff(got, want, plain); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

func TestTheDefaultPathIsReadIfThereIsAFile(t *testing.T) {
	t.Chdir(filepath.Dir(write(t, config.DefaultPath, "listen: 127.0.0.1:1\n")))
	got, _, err := config.Load(config.Options{Getenv: environment(nil)})
	if err != nil || got.Listen != "127.0.0.1:1" {
		t.Errorf("got %q, %v; want 127.0.0.1:1", got.Listen, err)
	}
}

func TestAGivenFileMustExist(t *testing.T) {
	_, _, err := config.Load(config.Options{Path: filepath.Join(t.TempDir(), "none.yaml")})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

func TestAnAppSectionHasDefaults(t *testing.T) {
	tests := []struct {
		name, delivery string
		want           config.Delivery
	}{
		{"durable", "", config.Delivery{Profile: "durable", Answers: "lenient", Timeout: 5 * time.Second,
			GiveUpAfter: 24 * time.Hour, Concurrency: 64}},
		{"cloud", "delivery: {profile: cloud}", config.Delivery{Profile: "cloud", Answers: "lenient", Timeout: 2 * time.Second,
			GiveUpAfter: 24 * time.Hour, Concurrency: 64}},
		{"cloud, timeout given first", "delivery: {timeout: 1500ms, profile: cloud}", config.Delivery{Profile: "cloud",
			Answers: "lenient", Timeout: 1500 * time.Millisecond, GiveUpAfter: 24 * time.Hour, Concurrency: 64}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := mustLoad(t, "apps:\n  - sdkappid: 1\n    key: ab\n    "+tt.delivery+"\n", nil).Apps[0]
			want := config.App{SDKAppID: 1, Key: "ab", Administrators: []string{"administrator"}, Delivery: tt.want, Limits: "off", Dissolve: config.Dissolve{Empty: 30 * time.Minute}}
			if diff := cmp.Diff(got, want, plain); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
		})
	}
}

const everyKey = `
listen: "[::1]:9"
database: postgres://me@db/callboard
tls: {certificate: c.pem, key: k.pem}
egress: {allow: [10.0.0.0/8], deny: ["fd00::/8"]}
memory: 1GiB
retention: {log: 48h, dead: 90m}
apps:
  - sdkappid: 4294967295
    key: k-1
    administrators: [a, 10001]
    tokens: [0123456789abcdef, {token: fedcba9876543210, may: operate}, {token: reads0123456789a, may: read}]
    production: true
    dissolve: {empty: 24h, owner_left: 2m}
    callback:
      url: https://u:p@example.com:444/x?token=1
      commands: [Live.CallbackAfterModifyAdmin]
      token: t-1
      signing_secrets: [whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=, whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
      tls: {ca: ca.pem, certificate: c2.pem, key: k2.pem}
    delivery: {profile: cloud, answers: strict, timeout: 1s, concurrency: 1024, give_up_after: 2h}
    endpoints:
      - name: audit-2
        url: https://audit.example.com/x?token=2
        token: t-2
        signing_secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
        tls: {ca: ca3.pem, certificate: c3.pem, key: k3.pem}
        delivery: {profile: durable, answers: lenient, timeout: 3s, concurrency: 2, give_up_after: 3h}
    limits: documented
    max_rooms: 1000000
    feed: {commands: [Live.CallbackAfterSetMetadata]}
`

func TestEveryKeyReachesTheConfig(t *testing.T) {
	got := mustLoad(t, everyKey, nil)
	want := config.Config{
		Listen:   "[::1]:9",
		Database: "postgres://me@db/callboard",
		TLS:      config.TLS{Certificate: "c.pem", Key: "k.pem"},
		Egress: config.Egress{
			Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
			Deny:  []netip.Prefix{netip.MustParsePrefix("fd00::/8")},
		},
		Memory:    1 << 30,
		Retention: config.Retention{Log: 48 * time.Hour, Dead: 90 * time.Minute},
		Apps: []config.App{{
			SDKAppID: 4294967295, Key: "k-1", Administrators: []string{"a", "10001"}, Tokens: []config.Secret{"0123456789abcdef", "fedcba9876543210"}, ReadTokens: []config.Secret{"reads0123456789a"}, Production: true,
			Dissolve: config.Dissolve{Empty: 24 * time.Hour, OwnerLeft: 2 * time.Minute},
			Callback: &config.Callback{
				URL: "https://u:p@example.com:444/x?token=1", Commands: []string{"Live.CallbackAfterModifyAdmin"}, Token: "t-1",
				SigningSecrets: []config.Secret{"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
				TLS:            config.CallbackTLS{CA: "ca.pem", Certificate: "c2.pem", Key: "k2.pem"},
			},
			Delivery: config.Delivery{Profile: "cloud", Answers: "strict", Timeout: time.Second, GiveUpAfter: 2 * time.Hour,
				Concurrency: 1024},
			Endpoints: []config.Endpoint{{
				Name: "audit-2", URL: "https://audit.example.com/x?token=2", Token: "t-2",
				SigningSecrets: []config.Secret{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
				TLS:            config.CallbackTLS{CA: "ca3.pem", Certificate: "c3.pem", Key: "k3.pem"},
				Delivery: config.Delivery{Profile: "durable", Answers: "lenient", Timeout: 3 * time.Second, GiveUpAfter: 3 * time.Hour,
					Concurrency: 2},
			}},
			Limits: config.LimitsDocumented, MaxRooms: 1_000_000, FeedCommands: []string{"Live.CallbackAfterSetMetadata"},
		}},
	}
	if diff := cmp.Diff(got, want, plain); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

func TestFlagsBeatEnvironmentBeatsFile(t *testing.T) {
	const file = "listen: 127.0.0.1:1\ndatabase: sqlite:file.db\n" +
		"tls: {certificate: f.pem, key: f.pem}\negress: {allow: [10.1.0.0/16], deny: [10.2.0.0/16]}\nmemory: 100MB\n"
	env := map[string]string{
		config.EnvListen: "127.0.0.1:2", config.EnvDatabase: "sqlite:env.db",
		config.EnvTLSCertificate: "e.pem", config.EnvTLSKey: "e.key",
		config.EnvEgressAllow: "10.3.0.0/16, 10.4.0.0/16", config.EnvEgressDeny: "10.5.0.0/16",
		config.EnvMemory: "64MiB",
	}
	fileOnly := config.Config{Listen: "127.0.0.1:1", Database: "sqlite:file.db", TLS: config.TLS{Certificate: "f.pem", Key: "f.pem"},
		Egress: config.Egress{Allow: prefixes("10.1.0.0/16"), Deny: prefixes("10.2.0.0/16")}, Memory: 100_000_000,
		Retention: config.Retention{Log: config.DefaultLogRetention, Dead: config.DefaultDeadRetention}}
	withEnv := config.Config{Listen: "127.0.0.1:2", Database: "sqlite:env.db", TLS: config.TLS{Certificate: "e.pem", Key: "e.key"},
		Egress: config.Egress{Allow: prefixes("10.3.0.0/16", "10.4.0.0/16"), Deny: prefixes("10.5.0.0/16")}, Memory: 64 << 20,
		Retention: fileOnly.Retention}
	withFlags := withEnv
	withFlags.Listen, withFlags.Database = "127.0.0.1:3", "sqlite:flag.db"
	tests := []struct {
		name  string
		flags config.Options
		env   map[string]string
		want  config.Config
	}{
		{"file", config.Options{}, nil, fileOnly},
		{"environment", config.Options{}, env, withEnv},
		{"flags", config.Options{Listen: "127.0.0.1:3", Database: "sqlite:flag.db"}, env, withFlags},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.flags.Path, tt.flags.Getenv = write(t, "callboard.yaml", file), environment(tt.env)
			got, _, err := config.Load(tt.flags)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want, plain); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
		})
	}
}

func prefixes(all ...string) []netip.Prefix {
	var p []netip.Prefix
	for _, s := range all {
		p = append(p, netip.MustParsePrefix(s))
	}
	return p
}

func TestAKeyFileLosesItsLineEnd(t *testing.T) {
	for _, text := range []string{"secret-1", "secret-1\n", "secret-1\r\n"} {
		got := mustLoad(t, "apps: [{sdkappid: 1, key_file: "+write(t, "live.key", text)+"}]", nil).Apps[0].Key.Reveal()
		if got != "secret-1" {
			t.Errorf("key from %q: got %q, want %q", text, got, "secret-1")
		}
	}
}

func TestSecretsInAReadableFileWarn(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("this system has no file modes: run it on a Unix")
	}
	env := map[string]string{"K": "ab", "DB": "postgres://me:pw@db/x"}
	key := write(t, "live.key", "ab\n")
	if err := os.Chmod(key, 0o640); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, text string
		mode       fs.FileMode
		want       string
	}{
		{"literal key, group", "apps: [{sdkappid: 1, key: ab}]", 0o640, "apps[0].key: a secret in a file"},
		{"literal key, others", "apps: [{sdkappid: 1, key: ab}]", 0o604, "apps[0].key: a secret in a file"},
		{"literal key, private", "apps: [{sdkappid: 1, key: ab}]", 0o600, ""},
		{"key from a variable", "apps: [{sdkappid: 1, key: '${K}'}]", 0o644, ""},
		{"token", "apps: [{sdkappid: 1, key: '${K}', callback: {url: http://h/, commands: [], token: t}}]", 0o644, "callback.token: a secret"},
		{"signing secret", "apps: [{sdkappid: 1, key: '${K}', callback: {url: http://h/, commands: [], signing_secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]}}]",
			0o644, "callback.signing_secrets[0]: a secret"},
		{"password", "database: postgres://me:pw@db/x", 0o644, "database: a secret"},
		{"password as a parameter", "database: postgres://me@db/x?password=pw", 0o644, "database: a secret"},
		{"password of a key file", "database: postgres://me@db/x?sslkey=k.pem&sslpassword=pw", 0o644, "database: a secret"},
		{"database without a password", "database: postgres://me@db/x?sslmode=verify-full", 0o644, ""},
		{"password from a variable", "database: ${DB}", 0o644, ""},
		{"readable key file", "apps: [{sdkappid: 1, key_file: " + key + "}]", 0o600, "apps[0].key_file: a secret in a file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t, "callboard.yaml", tt.text)
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			_, warnings, err := config.Load(config.Options{Path: path, Getenv: environment(env)})
			if err != nil {
				t.Fatal(err)
			}
			if (len(warnings) > 0) != (tt.want != "") || len(warnings) > 1 {
				t.Fatalf("got warnings %v, want %q", warnings, tt.want)
			}
			if len(warnings) == 1 && !strings.Contains(warnings[0].String(), tt.want) {
				t.Errorf("got %q, want it to contain %q", warnings[0], tt.want)
			}
		})
	}
}

func TestDatabaseOnPostgreSQLIsAccepted(t *testing.T) {
	for _, database := range []string{
		"postgres://live@db/live", "postgresql://live:p%40ss@db:5433/live", "postgres://[::1]/live?sslmode=verify-full&pool_max_conns=40",
		"postgres:///live?host=/run/postgresql", "postgres://live@db",
	} {
		if got := mustLoad(t, "", map[string]string{config.EnvDatabase: database}).Database; got != database {
			t.Errorf("got %q, want %q", got, database)
		}
	}
}

func TestTheLoggedDatabaseHasNoPassword(t *testing.T) {
	tests := map[string]string{
		"sqlite:a.db": "sqlite:a.db",
		"postgres://me:hunter2@db/x?password=abc":   "postgres://me:xxxxx@db/x",
		"postgresql://me@db:5433/x?sslmode=disable": "postgresql://me@db:5433/x",
		"%zz": "[redacted]",
	}
	for database, want := range tests {
		if got := (config.Config{Database: database}).RedactedDatabase(); got != want {
			t.Errorf("RedactedDatabase of %q: got %q, want %q", database, got, want)
		}
	}
}
