package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

// FuzzLoad promises that no file makes Load panic, and that what it accepts
// keeps the rules. Run it with -fuzzminimizetime=1x: shortening the inputs that
// it finds otherwise takes most of the time.
func FuzzLoad(f *testing.F) {
	seeds := []string{
		"", Minimal, "listen: [", "a: &a [*a]", "apps: [{sdkappid: 1, key: '${LIVE_KEY}$$'}]", "---\n---\n", "\ufefflisten: 127.0.0.1:1",
		"apps: [{sdkappid: 4, key: ab, callback: {url: http://h, tls: {ca: x}}, delivery: &d {profile: cloud, timeout: 1ns}}, *d]",
		"egress: {allow: [10.0.0.0/8, '::/0']}\ntls: {certificate: a, key: b}\ndatabase: postgres://u:p@h/d?password=x",
		"memory: 200MB\nretention: {log: 168h, dead: 720h}\napps: [{sdkappid: 1, key: ab, delivery: {give_up_after: 169h}}]",
		"memory: 999999999999\nretention: {log: 1m, dead: 2540400h}", "memory: 18446744073709551615GiB", "memory: 033MB\nretention: {log: 87600h}",
		"apps: [{sdkappid: 1, key: ab, tokens: [0123456789abcdef, '${LIVE_KEY}', {token: fedcba9876543210, may: read}]}]", "<<: {listen: ':1'}", "? [a]\n: b", "listen: !!str x", "apps:\n- sdkappid: 0x1\n  key: |\n    ab\n",
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	getenv := environmentOf("LIVE_KEY", "0123abcd")
	f.Fuzz(func(t *testing.T, data []byte) {
		if strings.Contains(string(data), "key_file") {
			t.Skip("key_file would read files of the machine: leave it out of the input")
		}
		cfg, _, err := load(source{name: DefaultPath, data: data}, Options{Getenv: getenv})
		if err != nil {
			if err.Error() == "" || cfg.Listen != "" {
				t.Errorf("got an error without text or a Config beside it: %+v", cfg)
			}
			return
		}
		if reason := invalid(cfg); reason != "" {
			t.Errorf("accepted %q: %s", data, reason)
		}
	})
}

func environmentOf(name, content string) func(string) string {
	return func(s string) string {
		if s == name {
			return content
		}
		return ""
	}
}

// invalid states the rules again, on the result instead of on the file.
func invalid(cfg Config) string {
	switch {
	case checkListen(cfg.Listen) != "" || cfg.Listen == "":
		return "listen address"
	case cfg.Database == "" || checkDatabase(cfg.Database) != "":
		return "database"
	case (cfg.TLS.Certificate == "") != (cfg.TLS.Key == ""):
		return "half of tls"
	case cfg.Memory < minMemory || cfg.Memory > maxMemory:
		return "memory"
	case cfg.Retention.Log < minRetention || cfg.Retention.Log > maxLogRetention || cfg.Retention.Dead < minRetention:
		return "retention"
	}
	seen := make(map[uint32]bool)
	for _, p := range append(cfg.Egress.Allow, cfg.Egress.Deny...) {
		if !p.IsValid() || p != p.Masked() {
			return "range"
		}
	}
	for _, app := range cfg.Apps {
		if seen[app.SDKAppID] || app.SDKAppID == 0 {
			return "SDKAppID zero or twice"
		}
		seen[app.SDKAppID] = true
		if reason := invalidApp(app, Loopback(cfg.Listen)); reason != "" {
			return reason
		}
	}
	return ""
}

func invalidApp(app App, loopback bool) string {
	d := app.Delivery
	switch {
	case app.Key == "" || len(app.Key) > maxKey || !loopback && repeated(app.Key.Reveal()):
		return "key"
	case app.Administrators == nil || strings.Contains(strings.Join(app.Administrators, "\n")+"\n", "\n\n"):
		return "administrators"
	case len(app.Tokens)+len(app.ReadTokens) > live.MaxTokens || slices.ContainsFunc(slices.Concat(app.Tokens, app.ReadTokens), func(s Secret) bool { return checkAppToken(s.Reveal()) != "" }):
		return "tokens"
	case d.Profile != ProfileDurable && d.Profile != ProfileCloud:
		return "profile"
	case d.Answers != AnswersLenient && d.Answers != AnswersStrict:
		return "answers"
	case d.Timeout <= 0 || d.GiveUpAfter < minGiveUpAfter:
		return "durations"
	case app.Limits != LimitsOff && app.Limits != LimitsDocumented || app.MaxRooms < 0 || app.MaxRooms > maxRooms || len(app.FeedCommands) > maxCommands:
		return "limits"
	case d.Concurrency < 1 || d.Concurrency > MaxConcurrency:
		return "concurrency"
	}
	if c := app.Callback; c != nil {
		http := strings.HasPrefix(c.URL, "http://") || strings.HasPrefix(c.URL, "https://")
		if !http || len(c.URL) > maxURL || len(c.SigningSecrets) > 0 {
			return "callback"
		}
	}
	return ""
}
