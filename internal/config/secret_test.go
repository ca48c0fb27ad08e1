package config_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/callboard/callboard/internal/config"
)

const hidden = "hunter2"

// holders are the ways in which a secret is handed to a printer.
func holders() map[string]any {
	secret := config.Secret(hidden)
	app := config.App{
		Key: secret, Tokens: []config.Secret{secret}, ReadTokens: []config.Secret{secret}, Callback: &config.Callback{Token: secret, SigningSecrets: []config.Secret{secret}},
		Endpoints: []config.Endpoint{{Token: secret, SigningSecrets: []config.Secret{secret}}},
	}
	return map[string]any{
		"value": secret, "pointer": &secret, "slice": []config.Secret{secret},
		"map value": map[string]config.Secret{"a": secret}, "app": app, "config": config.Config{Apps: []config.App{app}},
		"callback": app.Callback, "endpoint": app.Endpoints[0],
	}
}

func TestNoVerbPrintsASecret(t *testing.T) {
	for name, holder := range holders() {
		for verb := 'A'; verb <= 'z'; verb++ {
			if verb == 'p' || verb == 'w' || verb > 'Z' && verb < 'a' {
				continue // the documented exceptions: fmt asks no method there
			}
			for _, flags := range []string{"", "+", "#", "-", " ", "0", "20", ".3"} {
				format := "%" + flags + string(verb)
				if got := fmt.Sprintf(format, holder); leaks(got) {
					t.Errorf("%s with %s: got %s", name, format, got)
				}
			}
		}
		if got := fmt.Sprint(holder) + fmt.Sprintln(holder) + fmt.Errorf("x: %v", holder).Error(); leaks(got) {
			t.Errorf("%s with Print: got %s", name, got)
		}
	}
}

// leaks looks for the text and for its hexadecimal forms.
func leaks(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, hidden[:3]) || strings.Contains(s, fmt.Sprintf("%x", hidden[:3])) ||
		strings.Contains(s, fmt.Sprintf("% x", hidden[:3]))
}

func TestNoLogOrEncoderPrintsASecret(t *testing.T) {
	for name, holder := range holders() {
		var out bytes.Buffer
		options := &slog.HandlerOptions{AddSource: false}
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, options), slog.NewJSONHandler(&out, options)} {
			slog.New(h).Info("x", "holder", holder)
			slog.New(h).With("holder", holder).WithGroup("g").Info("x", slog.Group("g", "holder", holder))
		}
		for _, encode := range []func(any) ([]byte, error){json.Marshal, xml.Marshal, func(v any) ([]byte, error) { return yaml.Dump(v) }} {
			data, err := encode(holder)
			if err == nil {
				out.Write(data) // some holders cannot be encoded everywhere
			}
		}
		if out.Len() == 0 || leaks(out.String()) {
			t.Errorf("%s: got %s", name, out.String())
		}
	}
}

func TestASecretSaysThatItIsRedacted(t *testing.T) {
	secret := config.Secret(hidden)
	encoded, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	text, err := secret.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	got := []string{secret.String(), secret.GoString(), fmt.Sprintf("%d", secret), string(text), strings.Trim(string(encoded), `"`),
		secret.LogValue().String()}
	for i, s := range got {
		if s != "[redacted]" {
			t.Errorf("way %d: got %q, want [redacted]", i, s)
		}
	}
	if secret.Reveal() != hidden {
		t.Errorf("Reveal: got %q, want %q", secret.Reveal(), hidden)
	}
}
