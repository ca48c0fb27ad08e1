package rest

import (
	"encoding/json"
	"testing"
)

func TestHalfSurrogatePairsAreToldFromCharacters(t *testing.T) {
	cases := []struct {
		raw  string
		want bool
	}{
		{`"\ufffd"`, false},
		{`"\ud83d\ude00 \uFFFD"`, false},
		{`"\\ud83d \ufffd"`, false},
		{`"\u0041\n\ufffd"`, false},
		{`"\ud83d"`, true},
		{`"\ud83d\u0041"`, true},
		{`"\ud83d\ud83d\ude00"`, true},
		{`"\uDE00\uD83D"`, true},
		{`"\ud83d\ude00\ude00"`, true},
		{`"\\\ud83dx"`, true},
		{`"\ud83d\n"`, true},
	}
	for _, c := range cases {
		if !json.Valid([]byte(c.raw)) {
			t.Fatalf("%s is no JSON", c.raw)
		}
		_, err := readText("F", json.RawMessage(c.raw), aText, 100)
		if got := err != nil; got != c.want {
			t.Errorf("%s: refused is %v, want %v", c.raw, got, c.want)
		}
	}
}
