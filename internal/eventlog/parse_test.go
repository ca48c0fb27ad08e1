package eventlog

import (
	"strings"
	"testing"
)

func TestParseCursorReadsWhatWasSaved(t *testing.T) {
	for _, beyond := range []string{"", "3-3", "3-9", "12-15,18-18", "3-3,5-5,7-9223372036854775807"} {
		c, err := ParseCursor(1, beyond)
		if err != nil {
			t.Errorf("%q was refused: %v", beyond, err)
			continue
		}
		if got := c.Beyond(); got != beyond || c.Done() != 1 {
			t.Errorf("cursor = %d, %q, want 1, %q", c.Done(), got, beyond)
		}
	}
}

func TestParseCursorRefusesWhatNoCursorSaved(t *testing.T) {
	cases := []struct{ name, beyond string }{
		{"not above done", "10-12"},
		{"below done", "3-4"},
		{"next to done, so done itself should be higher", "11-12"},
		{"a range that ends before it begins", "14-13"},
		{"ranges that overlap", "12-15,15-16"},
		{"ranges that touch", "12-15,16-17"},
		{"ranges out of order", "20-21,12-13"},
		{"the same range twice", "12-13,12-13"},
		{"a range after the largest number", "12-9223372036854775807,15-16"},
		{"one number alone", "12"},
		{"no first number", "-12"},
		{"no last number", "12-"},
		{"a negative number", "12--13"},
		{"three numbers", "12-13-14"},
		{"a word", "a-b"},
		{"a blank", "12-13, 15-16"},
		{"an empty range", "12-13,,15-16"},
		{"a comma at the end", "12-13,"},
		{"a comma alone", ","},
		{"a number beyond 64 bits", "12-9223372036854775808"},
		{"a fraction", "12.0-13"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseCursor(10, c.beyond)
			if err == nil {
				t.Fatalf("%q was read as %d, %q, want an error", c.beyond, got.Done(), got.Beyond())
			}
			if !strings.Contains(err.Error(), "range") {
				t.Errorf("error = %q, want it to say what is no range", err)
			}
		})
	}
}

// FuzzParseCursor looks for texts that are read as ranges that Mark and Has cannot live with.
func FuzzParseCursor(f *testing.F) {
	f.Add(int64(0), "")
	f.Add(int64(10), "12-15,18-18")
	f.Add(int64(10), "11-12")
	f.Add(int64(0), "9223372036854775807-9223372036854775807,5-6")
	f.Fuzz(func(t *testing.T, done int64, beyond string) {
		c, err := ParseCursor(done, beyond)
		if err != nil {
			return
		}
		last := c.done
		for _, s := range c.beyond {
			if s.from-1 <= last || s.to < s.from {
				t.Fatalf("%q after %d was read as %v: not sorted, disjoint and apart", beyond, done, c.beyond)
			}
			if !c.Has(s.from) || !c.Has(s.to) || c.Has(s.from-1) {
				t.Fatalf("%q after %d does not have its own ranges %v", beyond, done, c.beyond)
			}
			last = s.to
		}
		again, err := ParseCursor(c.Done(), c.Beyond())
		if err != nil {
			t.Fatalf("%q, saved from %q, cannot be read: %v", c.Beyond(), beyond, err)
		}
		compare(t, again, c)
	})
}
