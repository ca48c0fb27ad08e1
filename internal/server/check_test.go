package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/config"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/live"
)

func TestCheckNamesEverySettingThatAStartWouldRefuse(t *testing.T) {
	folder := t.TempDir()
	cfg := testConfig(t, "http://169.254.169.254/latest")
	cfg.Database = "postgres://live:hunter2@db/live?sslmode=perhaps"
	cfg.TLS = config.TLS{Certificate: folder, Key: folder}
	cfg.Apps[0].Callback.TLS.CA = filepath.Join(folder, "absent.pem")
	cfg.Apps[0].Callback.SigningSecrets = []config.Secret{"whsec_hunter2"}
	other := cfg.Apps[0]
	cfg.Apps[0].Endpoints = []config.Endpoint{
		{Name: "good", URL: "http://127.0.0.1:9/"}, {Name: "bad", URL: "http://169.254.169.254/", SigningSecrets: []config.Secret{"hunter2"}},
	}
	other.SDKAppID++
	other.Callback = &config.Callback{URL: "http://127.0.0.1/#part"}
	cfg.Apps = append(cfg.Apps, other)
	var got []string
	for _, f := range Check(&cfg) {
		got = append(got, f.Key)
		if strings.Contains(f.Err.Error(), "hunter2") {
			t.Errorf("%s repeats a secret: %v", f.Key, f.Err)
		}
	}
	want := []string{
		"database", "tls", "apps[0].callback.url", "apps[0].callback.tls", "apps[0].callback.signing_secrets",
		"apps[0].endpoints[1].url", "apps[0].endpoints[1].signing_secrets", "apps[1]",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	if s, err := New(t.Context(), Options{Config: cfg}); err == nil {
		s.stop()
		t.Error("a config that Check refuses was started")
	}
}

func TestCheckLetsThroughWhatCanBeServed(t *testing.T) {
	cfg := testConfig(t, "http://127.0.0.1:9/callback")
	if got := Check(&cfg); len(got) > 0 {
		t.Errorf("got %v, want nothing", got)
	}
}

// callbackURLs are judged by the config, by set_callback and by the guard; true: their form is good.
var callbackURLs = map[string]bool{
	"http://127.0.0.1:9/callback":              true,
	"https://user:password@h/a/b?x=1&y=%20":    true,
	"http://h":                                 true,
	"http://under_score.example./":             true,
	"http://[::1]:9000/":                       true,
	"http://h:65535/":                          true,
	"http://h/\u00e4":                          true,
	"http://h/" + strings.Repeat("a", 2048-9):  true,
	"http://h/" + strings.Repeat("a", 2048-8):  false,
	"http://" + strings.Repeat("a", 253) + "/": true,
	"http://" + strings.Repeat("a", 254) + "/": false,
	"http://h/#":                               false,
	"http://h/#part":                           false,
	"http://h/ ":                               false,
	"http://h/\u00a0":                          false,
	"http://h/\u200b":                          false,
	"http://h/\x7f":                            false,
	"http://h/\n":                              false,
	"http://h/\xff":                            false,
	"http://h:0/":                              false,
	"http://h:080/":                            false,
	"http://h:65536/":                          false,
	"http://h:x/":                              false,
	"http:///callback":                         false,
	"http://./":                                false,
	"http://b\u00fchne.example/":               false,
	"http://a*b/":                              false,
	"http:h":                                   false,
	"HTTP://h/":                                false,
	"ftp://h/":                                 false,
	"//h/":                                     false,
	"www.example.com":                          false,
	"":                                         false,
	"http://[::1/":                             false,
	"http://h/%zz":                             false,
}

func TestConfigAndRESTHaveOneRuleForCallbackURLs(t *testing.T) {
	guard := egress.NewGuard(egress.GuardOptions{Loopback: true})
	for url, want := range callbackURLs {
		byREST := live.Callback{URL: url}.Check() == nil
		byConfig := loadsCallbackURL(t, url)
		if byREST != want || byConfig != want {
			t.Errorf("%.60q: accepted by REST %t, by the config %t, want %t", url, byREST, byConfig, want)
		}
		// What has passed the rule is refused by the guard for its address only.
		if err := guard.CheckURL(url); byREST && errors.Is(err, egress.ErrURL) {
			t.Errorf("%.60q: the guard refuses the form: %v", url, err)
		}
	}
}

func loadsCallbackURL(t *testing.T, url string) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "callboard.yaml")
	text := "apps: [{sdkappid: 1, key: ab, callback: {commands: [], url: '${URL}'}}]"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, _, err := config.Load(config.Options{Path: path, Getenv: func(name string) string {
		if name == "URL" {
			return url
		}
		return ""
	}})
	if err == nil && cfg.Apps[0].Callback.URL != url {
		t.Fatal(fmt.Errorf("the config has %q, want %q", cfg.Apps[0].Callback.URL, url))
	}
	return err == nil
}
