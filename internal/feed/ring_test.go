package feed

import (
	"testing"

	"pgregory.net/rapid"
)

func numbered(from, to int64) []frame {
	var list []frame
	for seq := from; seq <= to; seq++ {
		list = append(list, frame{seq: seq, text: []byte("text")})
	}
	return list
}

func TestARingTellsWhereAReaderIs(t *testing.T) {
	one := numbered(1, 1)
	size := one[0].size()
	var r ring
	r.startAfter(10)
	r.put(numbered(11, 20), 5*size) // 16 to 20 stay
	cases := []struct {
		name        string
		after       int64
		events      int
		bytes       int
		place       place
		first, last int64
	}{
		{"before the ring", 14, 100, 1 << 20, apart, 0, 0},
		{"where it begins", 15, 100, 1 << 20, within, 16, 20},
		{"in the middle", 17, 100, 1 << 20, within, 18, 20},
		{"by events", 15, 2, 1 << 20, within, 16, 17},
		{"by bytes", 15, 100, 3 * size, within, 16, 18},
		{"at least one", 15, 100, 1, within, 16, 16},
		{"at the end", 20, 100, 1 << 20, level, 0, 0},
		{"beyond the end", 21, 100, 1 << 20, apart, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			frames, place := r.after(c.after, c.events, c.bytes)
			if place != c.place {
				t.Fatalf("place %d, want %d", place, c.place)
			}
			if place == within && (frames[0].seq != c.first || frames[len(frames)-1].seq != c.last) {
				t.Errorf("events %d to %d, want %d to %d", frames[0].seq, frames[len(frames)-1].seq, c.first, c.last)
			}
		})
	}
}

func TestARingIsBoundedAndHasNoGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r ring
		first, most := rapid.Int64Range(0, 9).Draw(t, "start"), rapid.IntRange(1, 2000).Draw(t, "most")
		r.startAfter(first)
		for next := first + 1; next < 200; {
			if rapid.IntRange(0, 9).Draw(t, "forgotten") == 0 {
				next += 3
			}
			last := next + rapid.Int64Range(0, 20).Draw(t, "more")
			r.put(numbered(next, last), most)
			next = last + 1
			size := 0
			for i := range r.frames {
				size += r.frames[i].size()
				if want := r.last - int64(len(r.frames)-1-i); r.frames[i].seq != want {
					t.Fatalf("event %d stands where %d does", r.frames[i].seq, want)
				}
			}
			if size != r.bytes || len(r.frames) == 0 || len(r.frames) > 1 && size > most {
				t.Fatalf("%d bytes in %d events, counted as %d, want at most %d", size, len(r.frames), r.bytes, most)
			}
		}
	})
}

// What a reader has got must stay when the ring lets it go.
func TestWhatAReaderHasGotStaysAsItWas(t *testing.T) {
	var r ring
	r.put(numbered(1, 5), 1<<20)
	got, _ := r.after(0, 5, 1<<20)
	r.put(numbered(6, 500), 1)
	for i := range got {
		if got[i].seq != int64(i+1) || string(got[i].text) != "text" {
			t.Errorf("event %d became %d, %q", i+1, got[i].seq, got[i].text)
		}
	}
}
