package eventlog

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCursorIsDoneWithWhatWasMarkedWithoutGaps(t *testing.T) {
	cases := []struct {
		name   string
		start  int64
		marks  []int64
		done   int64
		beyond string
	}{
		{"nothing", 0, nil, 0, ""},
		{"in order", 0, []int64{1, 2, 3}, 3, ""},
		{"from a start", 10, []int64{11, 12}, 12, ""},
		{"what is done with already", 10, []int64{1, 10}, 10, ""},
		{"a gap", 0, []int64{2}, 0, "2-2"},
		{"two gaps", 0, []int64{2, 4}, 0, "2-2,4-4"},
		{"a range grows upwards", 0, []int64{3, 4, 5}, 0, "3-5"},
		{"a range grows downwards", 0, []int64{5, 4, 3}, 0, "3-5"},
		{"two ranges join", 0, []int64{3, 5, 4}, 0, "3-5"},
		{"three ranges, the last two join", 0, []int64{2, 4, 6, 5}, 0, "2-2,4-6"},
		{"a gap closes", 0, []int64{2, 3, 1}, 3, ""},
		{"a gap closes before a further range", 0, []int64{2, 5, 1}, 2, "5-5"},
		{"twice", 0, []int64{3, 3, 1, 1}, 1, "3-3"},
		{"inside a range", 0, []int64{3, 4, 5, 4}, 0, "3-5"},
		{"the largest number", 0, []int64{math.MaxInt64}, 0, "9223372036854775807-9223372036854775807"},
		{"up to the largest number", math.MaxInt64 - 1, []int64{math.MaxInt64}, math.MaxInt64, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cursor := NewCursor(c.start)
			for _, seq := range c.marks {
				cursor.Mark(seq)
			}
			if got := cursor.Done(); got != c.done {
				t.Errorf("Done = %d, want %d", got, c.done)
			}
			if got := cursor.Beyond(); got != c.beyond {
				t.Errorf("Beyond = %q, want %q", got, c.beyond)
			}
		})
	}
}

// plain is a cursor without cleverness: the set of all numbers that are done with.
type plain map[int64]bool

func (p plain) done() int64 {
	n := int64(0)
	for p[n+1] {
		n++
	}
	return n
}

// last is the largest number.
func (p plain) last() int64 {
	n := int64(0)
	for m := range p {
		n = max(n, m)
	}
	return n
}

// ranges counts the runs above done.
func (p plain) ranges() int {
	runs := 0
	for n := range p {
		if n > p.done() && !p[n-1] {
			runs++
		}
	}
	return runs
}

func TestCursorIsTheSetOfWhatWasMarked(t *testing.T) {
	const last = 60
	number := rapid.Int64Range(1, last)
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.Int64Range(0, 20).Draw(t, "start")
		cursor, set := NewCursor(start), plain{}
		for n := int64(1); n <= start; n++ {
			set[n] = true
		}
		t.Repeat(map[string]func(*rapid.T){
			"mark": func(t *rapid.T) {
				n := number.Draw(t, "number")
				cursor.Mark(n)
				set[n] = true
			},
			"mark a run": func(t *rapid.T) {
				from := number.Draw(t, "from")
				for n := from; n < min(from+8, last); n++ {
					cursor.Mark(n)
					set[n] = true
				}
			},
			"mark a range": func(t *rapid.T) {
				from, to := number.Draw(t, "from"), number.Draw(t, "to")
				cursor.MarkRange(from, to)
				for n := from; n <= to; n++ {
					set[n] = true
				}
			},
			"save and load": func(t *rapid.T) {
				loaded, err := ParseCursor(cursor.Done(), cursor.Beyond())
				if err != nil {
					t.Fatalf("a saved cursor cannot be read: %v", err)
				}
				compare(t, loaded, cursor)
				cursor = loaded
			},
			"go on with a clone": func(t *rapid.T) {
				old := cursor
				cursor = old.Clone()
				for n := int64(1); n <= last+2; n++ {
					old.Mark(n) // must not show in the clone
				}
			},
			"": func(t *rapid.T) {
				if got, want := cursor.Done(), set.done(); got != want {
					t.Fatalf("Done = %d, want %d", got, want)
				}
				if got, want := cursor.Last(), set.last(); got != want {
					t.Fatalf("Last = %d (%s), want %d", got, cursor.Beyond(), want)
				}
				if got, want := cursor.Ranges(), set.ranges(); got != want {
					t.Fatalf("Ranges = %d (%s), want %d", got, cursor.Beyond(), want)
				}
				for n := int64(1); n <= last+2; n++ {
					if got, want := cursor.Has(n), set[n]; got != want {
						t.Fatalf("Has(%d) = %t, want %t", n, got, want)
					}
				}
				checkGaps(t, &cursor, number.Draw(t, "up to"))
			},
		})
	})
}

// checkGaps compares the gaps up to a number with those that Has tells of.
func checkGaps(t *rapid.T, c *Cursor, to int64) {
	var got, want []span
	for from, last := range c.Gaps(to) {
		got = append(got, span{from, last})
	}
	for n := int64(1); n <= to; n++ {
		switch {
		case c.Has(n):
		case len(want) > 0 && want[len(want)-1].to == n-1:
			want[len(want)-1].to = n
		default:
			want = append(want, span{n, n})
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("gaps of %d, %q up to %d = %v, want %v", c.Done(), c.Beyond(), to, got, want)
	}
}

func TestCloneIsNotChangedByItsOriginal(t *testing.T) {
	original, err := ParseCursor(3, "5-6,9-9")
	if err != nil {
		t.Fatal(err)
	}
	clone := original.Clone()
	for _, seq := range []int64{4, 8, 7, 20} {
		original.Mark(seq)
	}
	if got, want := clone.Beyond(), "5-6,9-9"; got != want || clone.Done() != 3 {
		t.Errorf("clone = %d, %q, want 3, %q", clone.Done(), got, want)
	}
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func compare(t fataler, got, want Cursor) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Cursor{}, span{}), cmp.Transformer("ranges", func(s []span) string {
		c := Cursor{beyond: s}
		return c.Beyond() // nil and empty alike
	})); diff != "" {
		t.Fatalf("cursor (-want +got):\n%s", diff)
	}
}
