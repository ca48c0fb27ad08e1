package config_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/internal/config"
)

const examplePath = "../../callboard.example.yaml"

var exampleVars = map[string]string{"LIVE_KEY": "0123456789abcdef"}

func readExample(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(examplePath))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTheMinimalFileLoads(t *testing.T) {
	cfg := mustLoad(t, config.Minimal, exampleVars)
	if len(cfg.Apps) != 1 || cfg.Apps[0].Key.Reveal() != exampleVars["LIVE_KEY"] || cfg.Apps[0].Callback == nil {
		t.Errorf("got %+v, want one App with its key and a callback", cfg)
	}
}

func TestTheExampleShowsTheDefaults(t *testing.T) {
	got, warnings, err := load(t, readExample(t), exampleVars)
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	want := mustLoad(t, config.Minimal, exampleVars)
	if diff := cmp.Diff(got, want, plain, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the example differs from the minimal file with its defaults; got (-), want (+):\n%s", diff)
	}
}

func TestTheExampleOffersAKeyFile(t *testing.T) {
	text := regexp.MustCompile(`(?m)^ +key: .*\n`).ReplaceAllString(readExample(t), "")
	text = regexp.MustCompile(`# key_file: \S+`).ReplaceAllString(text, "key_file: "+write(t, "live.key", "abc"))
	if got := mustLoad(t, text, nil).Apps[0].Key.Reveal(); got != "abc" {
		t.Errorf("got key %q, want abc", got)
	}
}

// TestTheExampleExplainsEveryKey takes the keys from the refusals of unknown
// ones, so that a key added later cannot be forgotten.
func TestTheExampleExplainsEveryKey(t *testing.T) {
	const probe = "tls: {x: 1}\negress: {x: 1}\nretention: {x: 1}\nx: 1\n" +
		"apps: [{sdkappid: 1, key: ab, x: 1, delivery: {x: 1}, dissolve: {x: 1}, callback: {url: http://h, commands: [], x: 1, tls: {x: 1}}, " +
		"endpoints: [{name: a, url: http://h, x: 1}]}]"
	_, _, err := load(t, probe, nil)
	if err == nil {
		t.Fatal("got no error")
	}
	example := readExample(t)
	keys := 0
	for line := range strings.Lines(err.Error()) {
		_, list, _ := strings.Cut(line, `unknown key "x"; use `)
		for _, key := range strings.FieldsFunc(strings.ReplaceAll(list, " or ", ", "), func(r rune) bool { return strings.ContainsRune(", \n", r) }) {
			keys++
			explained := regexp.MustCompile(`(?m)^ *(- |# *(- )?)?` + key + `:.*\S +# \S|^ *# .*\n *(- |# )?` + key + `:`)
			if !explained.MatchString(example) {
				t.Errorf("%s is missing or has no comment in callboard.example.yaml", key)
			}
		}
	}
	if keys < 43 {
		t.Errorf("found %d keys, want at least 43", keys)
	}
}
