package callback

import (
	"encoding/json"
	"testing"
)

func TestValuesThatCannotBeReadExactlyAreErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		to   any
		json string
	}{
		{"account with an exponent", new(Account), `1.44115216631667826e17`},
		{"account as a boolean", new(Account), `true`},
		{"account as an object", new(Account), `{}`},
		{"time with a fraction", new(Millis), `1.5`},
		{"time as an empty string", new(Millis), `""`},
		{"time as a word", new(Millis), `"now"`},
		{"time beyond int64", new(Millis), `9223372036854775808`},
		{"seconds as an array", new(Seconds), `[1]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := json.Unmarshal([]byte(tt.json), tt.to); err == nil {
				t.Errorf("Unmarshal(%s) is no error, want one", tt.json)
			}
		})
	}
}

func TestTimesKeepTheirUnits(t *testing.T) {
	if got, want := Millis(1703589922780).Time().String(), "2023-12-26 11:25:22.78 +0000 UTC"; got != want {
		t.Errorf("Millis.Time = %s, want %s", got, want)
	}
	if got, want := Seconds(1703589922).Time().String(), "2023-12-26 11:25:22 +0000 UTC"; got != want {
		t.Errorf("Seconds.Time = %s, want %s", got, want)
	}
}

func TestTheEncoderAndNotThePacketDecidesAboutEscapingHTML(t *testing.T) {
	accounts := Accounts{"<a&b>"}
	if got, want := encode(t, accounts), `["<a&b>"]`; got != want {
		t.Errorf("without escaping = %s, want %s", got, want)
	}
	escaped, err := json.Marshal(accounts)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(escaped), `["\u003ca\u0026b\u003e"]`; got != want {
		t.Errorf("with escaping = %s, want %s", got, want)
	}
}
