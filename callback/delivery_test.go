package callback

import (
	"net/http"
	"testing"
)

func TestSkippedOfAnUnknownFormIsKeptAsText(t *testing.T) {
	for text, want := range map[string][2]int64{
		"18-1041":                {18, 1041},
		"5-5":                    {5, 5},
		"":                       {},
		"18":                     {},
		"18-":                    {},
		"-18":                    {},
		"9-8":                    {},
		"0-8":                    {},
		"1-2,5-9":                {},
		"x-9":                    {},
		" 1-2":                   {},
		"1-99999999999999999999": {},
	} {
		d := Delivery{}
		if err := d.readHeaders(http.Header{HeaderSkipped: {text}}); err != nil {
			t.Fatal(err)
		}
		if got := [2]int64{d.SkippedFrom, d.SkippedTo}; got != want || d.Skipped != text {
			t.Errorf("Skipped %q = %q %v, want %q %v", text, d.Skipped, got, text, want)
		}
	}
}
