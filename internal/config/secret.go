package config

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that must not be printed. Every ordinary way to print or
// encode it gives "[redacted]"; Reveal gives the text.
//
// Some ways around are left, because packages fmt and json ask no method
// there: the verbs %p and %w, which suit no text (go vet finds only %w), a
// Secret in an unexported field, and a Secret as the key of a JSON object. So
// keep a Secret in an exported field, and never make it the key of a map.
type Secret string

// Reveal is the secret text, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String is "[redacted]".
func (Secret) String() string { return redacted }

// GoString is "[redacted]".
func (Secret) GoString() string { return redacted }

// Format writes "[redacted]" for every verb. Without it a verb that does not
// suit a text, such as %d, would print the text inside fmt's complaint.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue is "[redacted]".
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText gives "[redacted]"; it never fails.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON gives "[redacted]" as a JSON string; it never fails.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// Format prints the fields as %v does, whatever the verb. Without it a verb
// that does not suit a pointer would print what is behind it as plain text.
func (c Callback) Format(f fmt.State, _ rune) {
	type fields Callback // without this method
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, 'v'), fields(c))
}
