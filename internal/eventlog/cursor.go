package eventlog

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Cursor is how far a reader is: every number up to Done, and those in the ranges beyond it, are done with. An event
// is done with when it is settled, when it is no callback event, or when its lane is held with a Next that is not
// above it: then the row of the held lane speaks for it.
//
// Losing the newest state of a cursor repeats callbacks and never loses one. The zero value is before the first event.
type Cursor struct {
	done   int64
	beyond []span // sorted, disjoint, not adjacent, all above done+1
}

type span struct{ from, to int64 }

// NewCursor returns a cursor that is done with everything up to done.
func NewCursor(done int64) Cursor { return Cursor{done: done} }

// Done is the largest number up to which everything is done with.
func (c *Cursor) Done() int64 { return c.done }

// Last is the largest number that is done with; between Done and Last some are not.
func (c *Cursor) Last() int64 {
	if n := len(c.beyond); n > 0 {
		return c.beyond[n-1].to
	}
	return c.done
}

// Ranges is how many ranges beyond Done the cursor holds.
func (c *Cursor) Ranges() int { return len(c.beyond) }

// Has tells whether the number is done with.
func (c *Cursor) Has(seq int64) bool {
	if seq <= c.done {
		return true
	}
	i := c.search(seq)
	return i < len(c.beyond) && c.beyond[i].from <= seq
}

// search returns the first range that ends at or after seq.
func (c *Cursor) search(seq int64) int {
	i, _ := slices.BinarySearchFunc(c.beyond, seq, func(s span, n int64) int {
		if s.to < n {
			return -1
		}
		return 1
	})
	return i
}

// Mark is done with one number. Marking it again does nothing.
func (c *Cursor) Mark(seq int64) { c.MarkRange(seq, seq) }

// MarkRange is done with every number from one to another, both included; from after to: with none.
func (c *Cursor) MarkRange(from, to int64) {
	if to < from || to <= c.done {
		return
	}
	if from <= c.done+1 {
		c.done = to
		c.absorb()
		return
	}
	i := c.search(from - 1) // the first range that overlaps or touches, or comes after
	joined, j := span{from, to}, i
	for j < len(c.beyond) && c.beyond[j].from-1 <= to {
		joined.from, joined.to = min(joined.from, c.beyond[j].from), max(joined.to, c.beyond[j].to)
		j++
	}
	if j == i+1 { // the common case: a range grows in place
		c.beyond[i] = joined
		return
	}
	c.beyond = slices.Replace(c.beyond, i, j, joined)
}

// absorb moves done over the ranges that it has reached.
func (c *Cursor) absorb() {
	n := 0
	for n < len(c.beyond) && c.beyond[n].from-1 <= c.done {
		c.done = max(c.done, c.beyond[n].to)
		n++
	}
	c.beyond = slices.Delete(c.beyond, 0, n)
}

// Gaps yields the ranges up to a number that the cursor is not done with, in order, by their first and last number.
func (c *Cursor) Gaps(to int64) iter.Seq2[int64, int64] {
	return func(yield func(from, to int64) bool) {
		from := c.done + 1
		for _, s := range c.beyond {
			if s.from > to {
				break
			}
			if !yield(from, s.from-1) {
				return
			}
			if s.to >= to { // also where s.to + 1 is no number
				return
			}
			from = s.to + 1
		}
		if from <= to {
			yield(from, to)
		}
	}
}

// Clone returns a copy that shares nothing.
func (c *Cursor) Clone() Cursor { return Cursor{done: c.done, beyond: slices.Clone(c.beyond)} }

// Beyond returns the ranges beyond Done as text, for instance "12-15,18-18"; empty when there are none.
func (c *Cursor) Beyond() string {
	var b strings.Builder
	for i, s := range c.beyond {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(s.from, 10))
		b.WriteByte('-')
		b.WriteString(strconv.FormatInt(s.to, 10))
	}
	return b.String()
}

// ParseCursor is the inverse of Done and Beyond. It refuses ranges that are not sorted, disjoint and above done+1.
func ParseCursor(done int64, beyond string) (Cursor, error) {
	c := Cursor{done: done}
	if beyond == "" {
		return c, nil
	}
	last := done
	for text := range strings.SplitSeq(beyond, ",") {
		from, to, ok := strings.Cut(text, "-")
		a, errA := strconv.ParseInt(from, 10, 64)
		b, errB := strconv.ParseInt(to, 10, 64)
		if !ok || errA != nil || errB != nil || a-1 <= last || b < a { // last+1 could overflow
			return Cursor{}, fmt.Errorf("cursor: %q is not a range after %d", text, last)
		}
		c.beyond = append(c.beyond, span{a, b})
		last = b
	}
	return c, nil
}
