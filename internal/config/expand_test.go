package config_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/config"
)

func TestValuesAreExpandedFromTheEnvironment(t *testing.T) {
	env := map[string]string{
		"A": "one", "B_2": "two", "N": "77", "T": "true", "D": "3s",
		"DOLLAR": "${A}$$", "YAML": "x, y]\nproduction: true\n#",
	}
	tests := []struct{ name, text, want string }{
		{"alone", "${A}", "one"},
		{"inside", "x-${A}-${B_2}-y", "x-one-two-y"},
		{"dollar", "a$$b", "a$b"},
		{"dollar before a brace", "$${A}", "${A}"},
		{"not expanded again", "${DOLLAR}", "${A}$$"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := mustLoad(t, "tls: {certificate: '"+tt.text+"', key: k}", env)
			if got := cfg.TLS.Certificate; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("a variable stays one value", func(t *testing.T) {
		cfg := mustLoad(t, "tls: {certificate: '${YAML}', key: k}", env)
		if got := cfg.TLS.Certificate; got != env["YAML"] {
			t.Errorf("got %q, want %q", got, env["YAML"])
		}
	})
	t.Run("every type", func(t *testing.T) {
		app := mustLoad(t, "apps: [{sdkappid: '${N}', key: ab, production: \"${T}\", delivery: {timeout: '${D}'}}]", env).Apps[0]
		if app.SDKAppID != 77 || !app.Production || app.Delivery.Timeout.String() != "3s" {
			t.Errorf("got %+v, want 77, true and 3s", app)
		}
	})
}

func TestBadExpansionsAreRefusedWithoutTheText(t *testing.T) {
	tests := []struct{ text, want string }{
		{"s3cret${NONE}", "the environment variable NONE is not set or empty"},
		{"s3cret$NONE", `a "$" must be followed by "{NAME}"`},
		{"s3cret$", `a "$" must be followed by "{NAME}"`},
		{"${s3cret", `"${" must be followed by a name`},
		{"${}", `"${" must be followed by a name`},
		{"${9s3cret}", `"${" must be followed by a name`},
		{"${s3cret:-x}", `"${" must be followed by a name`},
	}
	for i, tt := range tests {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			_, _, err := load(t, "apps: [{sdkappid: 1, key: '"+tt.text+"'}]", nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "apps[0].key") {
				t.Fatalf("got %v, want apps[0].key and %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the message repeats the text: %v", err)
			}
		})
	}
}

func TestExpandedTextIsBounded(t *testing.T) {
	vars := map[string]string{"BIG": strings.Repeat("x", 100_000)}
	_, _, err := load(t, "tls: {certificate: '"+strings.Repeat("${BIG}", 20)+"'}", vars)
	if err == nil || !strings.Contains(err.Error(), "tls.certificate: the values with variables are too long") {
		t.Errorf("one value: got %v", err)
	}
	_, _, err = load(t, "egress: {allow: ["+strings.Repeat("'${BIG}', ", 20)+"]}", vars)
	if err == nil || !strings.Contains(err.Error(), "egress.allow[19]: the values with variables are too long") {
		t.Errorf("many values: got %v", err)
	}
}

func TestLoopbackIsWhatOnlyThisMachineReaches(t *testing.T) {
	tests := map[string]bool{
		"127.0.0.1:8080": true, "127.9.9.9:1": true, "[::1]:0": true, "localhost:1": true, "LOCALHOST:1": true,
		"[::ffff:127.0.0.1]:1": true,
		":8080":                false, "0.0.0.0:1": false, "[::]:1": false, "10.0.0.1:1": false, "127.0.0.1": false, "": false,
		"localhost.example.com:1": false, "127.0.0.1.example.com:1": false, "127.1:1": false,
	}
	for listen, want := range tests {
		if got := config.Loopback(listen); got != want {
			t.Errorf("Loopback(%q): got %v, want %v", listen, got, want)
		}
	}
}
