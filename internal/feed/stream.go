package feed

import (
	"bytes"
	"errors"
	"time"

	"github.com/callboard/callboard/internal/call"
)

// heartbeat is how often something is written to a stream on which nothing happens: whoever stands between closes what is idle.
const heartbeat = 15 * time.Second

// stream writes events as they come, until the caller leaves, the server stops, or the position cannot be read any more.
func (h *Handler) stream(r *request, o *out, rd *reading) error {
	frames, _, err := rd.more(r.Context(), maxLimit)
	if lost := (*gone)(nil); err != nil && !errors.As(err, &lost) {
		return err
	}
	o.w.Header().Set("X-Accel-Buffering", "no") // a proxy that collects would hold events back
	o.begin(streamType)
	if o.flush() == nil {
		h.goOn(r, o, rd, frames, err)
	}
	return nil
}

// goOn writes what the reading has found first, and what it finds from then on.
func (h *Handler) goOn(r *request, o *out, rd *reading, frames []frame, err error) {
	if err == nil {
		rd.follow()
	}
	for err == nil {
		if len(frames) > 0 && !h.send(o, frames) {
			return
		}
		changed := rd.tail.watch()
		if !h.mayStay(r) {
			return
		}
		var end bool
		frames, end, err = rd.more(r.Context(), maxLimit)
		if err == nil && len(frames) == 0 && end && !h.idle(r, o, changed) {
			return
		}
	}
	h.endStream(r, o, err)
}

// send writes events and sends them on their way; false: nobody takes them.
func (h *Handler) send(o *out, frames []frame) bool {
	o.extend()
	for i := range frames {
		o.write(frames[i].text)
	}
	if o.flush() != nil {
		return false
	}
	h.opt.Metrics.events.Add(float64(len(frames)))
	return true
}

// idle returns when the tail has changed, or after a heartbeat; false: the stream ends.
func (h *Handler) idle(r *request, o *out, changed <-chan struct{}) bool {
	beat := time.NewTimer(heartbeat)
	defer beat.Stop()
	select {
	case <-changed:
		return true
	case <-beat.C:
		o.extend()
		o.writeString(":\n\n")
		return o.flush() == nil
	case <-r.Context().Done():
		return false
	case <-h.readers.closing:
		return false
	}
}

// endStream tells of a position that cannot be read. After a failure of the store the stream just ends: the caller comes back
// with the id of the last event.
func (h *Handler) endStream(r *request, o *out, err error) {
	lost := (*gone)(nil)
	if !errors.As(err, &lost) {
		if r.Context().Err() == nil {
			h.opt.Logger.Warn("a stream ends because the log cannot be read", "sdkappid", r.app, "error", err)
		}
		return
	}
	var data bytes.Buffer
	data.WriteString("event: reset\ndata: ")
	call.Encode(&data, lost.reset())
	data.WriteString("\n\n")
	o.extend()
	o.write(data.Bytes())
	_ = o.flush()
}
