package crash

import (
	"cmp"
	"slices"
	"sort"
)

// order knows which steps of a room's life were over, and which had not begun, at a tick.
type order struct {
	ends   []edge // by tick; step is the largest of those so far
	starts []edge // by tick; step is the smallest of those from here on
}

type edge struct {
	tick int64
	step int // from 1
}

func newOrder(steps []step) order {
	var o order
	for i, s := range steps {
		o.ends = append(o.ends, edge{s.end, i + 1})
		if s.call != nil {
			o.starts = append(o.starts, edge{s.start, i + 1})
		}
	}
	byTick := func(a, b edge) int { return cmp.Compare(a.tick, b.tick) }
	slices.SortFunc(o.ends, byTick)
	slices.SortFunc(o.starts, byTick)
	for i := 1; i < len(o.ends); i++ {
		o.ends[i].step = max(o.ends[i].step, o.ends[i-1].step)
	}
	for i := len(o.starts) - 2; i >= 0; i-- {
		o.starts[i].step = min(o.starts[i].step, o.starts[i+1].step)
	}
	return o
}

// window returns between which states of the room a call was carried out: the state after first steps is the earliest, that
// after last steps the latest. A step of the call itself lies above first and not above last.
func (o order) window(c *call) (first, last int) {
	if i := sort.Search(len(o.ends), func(i int) bool { return o.ends[i].tick >= c.start }); i > 0 {
		first = o.ends[i-1].step
	}
	last = len(o.ends)
	if i := sort.Search(len(o.starts), func(i int) bool { return o.starts[i].tick > c.end }); i < len(o.starts) {
		last = o.starts[i].step - 1
	}
	return first, last
}
