package feed

import (
	"strconv"
	"time"
)

// events answers with a page, or with a stream whoever accepts one.
func (h *Handler) events(r *request) error {
	a, err := parseAsk(r.query, r.Header)
	if err != nil {
		return err
	}
	o, leave, err := h.reader(r)
	if err != nil {
		return err
	}
	defer leave()
	rd := &reading{
		app: r.app.ID, lane: a.lane, at: a.after, fresh: !a.stream && a.wait == 0,
		desk: h.desk, tails: h.tails, tail: h.tails.find(r.app.ID),
	}
	defer rd.close()
	if a.stream {
		return h.stream(r, o, rd)
	}
	return h.page(r, o, rd, a)
}

// maxPage is how many bytes of events a page has at most, unless one event alone has more.
const maxPage = 1 << 20

// page answers with what is there, or with what comes first while it waits. Once it has begun, a page may end anywhere: Next says
// where.
func (h *Handler) page(r *request, o *out, rd *reading, a ask) error {
	frames, end, err := rd.more(r.Context(), a.limit)
	if err == nil && len(frames) == 0 && a.wait > 0 {
		frames, end, err = h.await(r, rd, a)
	}
	if err != nil {
		return err
	}
	o.begin("application/json")
	o.writeString(`{"Log":` + strconv.Quote(rd.at.Log) + `,"Events":[`)
	p := pageOf{out: o, left: a.limit}
	for p.add(frames) && !end {
		if frames, end, err = rd.more(r.Context(), p.left); err != nil {
			break
		}
	}
	next := rd.at
	if p.full {
		next.Seq = p.last
	}
	o.writeString(`],"Next":"` + next.String() + `","Head":"` + Position{rd.at.Log, rd.head}.String() + "\"}\n")
	h.opt.Metrics.events.Add(float64(p.events))
	return nil
}

// pageOf is the events of a page, as far as they are written.
type pageOf struct {
	*out
	left   int // events that it may still have
	events int
	bytes  int
	last   int64 // the number of the last
	full   bool  // it has no room for more
}

// add writes events; false: there is no room for more, or nobody who reads them.
func (p *pageOf) add(frames []frame) bool {
	p.extend()
	for i := range frames {
		text := frames[i].json()
		if p.full = p.events > 0 && p.bytes+len(text) > maxPage; p.full {
			return false
		}
		if p.events > 0 {
			p.writeString(",")
		}
		p.write(text)
		p.events, p.left, p.bytes, p.last = p.events+1, p.left-1, p.bytes+len(text), frames[i].seq
	}
	return p.left > 0 && p.err == nil
}

// await returns the first events that come, and none when the time to wait is over, the caller left, or the server stops.
func (h *Handler) await(r *request, rd *reading, a ask) (frames []frame, end bool, err error) {
	rd.follow()
	over := time.NewTimer(a.wait)
	defer over.Stop()
	for {
		changed := rd.tail.watch()
		frames, end, err := rd.more(r.Context(), a.limit)
		if err != nil || len(frames) > 0 {
			return frames, end, err
		}
		if !end {
			continue
		}
		select {
		case <-changed:
		case <-over.C:
			return nil, true, nil
		case <-r.Context().Done():
			return nil, true, nil
		case <-h.readers.closing:
			return nil, true, nil
		}
	}
}
