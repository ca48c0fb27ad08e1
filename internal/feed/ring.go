package feed

// ring holds the newest events of a log, without gaps. The zero value begins with the first event.
type ring struct {
	frames []frame
	bytes  int
	last   int64 // the number of the newest; without frames, that of the event before the ring
}

// startAfter empties the ring; it goes on with the event after a number.
func (r *ring) startAfter(seq int64) { *r = ring{last: seq} }

// put takes events in the order of their numbers and lets the oldest go when there are more bytes than may be. Events that do
// not follow on the newest begin the ring anew: it has no gaps.
func (r *ring) put(frames []frame, most int) {
	if len(frames) == 0 {
		return
	}
	if frames[0].seq != r.last+1 {
		r.startAfter(frames[0].seq - 1)
	}
	r.frames = append(r.frames, frames...)
	for i := range frames {
		r.bytes += frames[i].size()
	}
	r.last = frames[len(frames)-1].seq
	gone := 0
	for gone < len(r.frames)-1 && r.bytes > most {
		r.bytes -= r.frames[gone].size()
		gone++
	}
	clear(r.frames[:gone]) // what is kept must not keep their texts
	r.frames = r.frames[gone:]
}

// place is where a reader is in relation to a ring.
type place int

const (
	level  place = iota // it has what the ring has
	within              // the ring has the next events
	apart               // the ring does not know what comes next
)

// after returns a copy of the events after a number, at most so many and about so many bytes, but one at least.
func (r *ring) after(seq int64, events, bytes int) ([]frame, place) {
	ahead := r.last - seq
	switch {
	case ahead == 0:
		return nil, level
	case ahead < 0 || ahead > int64(len(r.frames)):
		return nil, apart
	}
	rest := r.frames[len(r.frames)-int(ahead):]
	n, size := 0, 0
	for n < min(len(rest), events) && (n == 0 || size+rest[n].size() <= bytes) {
		size += rest[n].size()
		n++
	}
	return append([]frame(nil), rest[:n]...), within
}
