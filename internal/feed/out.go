package feed

import (
	"errors"
	"net/http"
	"os"
	"time"
)

const (
	// stallLimit is how long a reader may take nothing of what is written.
	stallLimit = 10 * time.Second
	// lastWords is what is left to write when the handler closes.
	lastWords = 500 * time.Millisecond
	// stallBytes are written between two settings of the deadline: more than that and nothing taken is a stall.
	stallBytes = 16 << 10
)

// out writes one answer. After an error it writes nothing more.
type out struct {
	w       http.ResponseWriter
	control *http.ResponseController
	closing <-chan struct{}
	since   int // bytes written since the deadline was set
	err     error
}

func newOut(w http.ResponseWriter, closing <-chan struct{}) *out {
	return &out{w: w, control: http.NewResponseController(w), closing: closing}
}

// unhurried takes away the server's limit for reading a call, which would end the call though it was read long ago.
func (o *out) unhurried() { _ = o.control.SetReadDeadline(time.Time{}) } // the error: there is no such limit

// begin writes the header.
func (o *out) begin(contentType string) {
	o.extend()
	o.w.Header().Set("Content-Type", contentType)
	o.w.Header().Set("Cache-Control", "no-store")
	o.w.WriteHeader(http.StatusOK)
}

// extend gives the reader time to take what is written next, which may be long after what was written before. The deadline is set before closing is looked at, so that cut, which comes
// after closing, has the last word.
func (o *out) extend() {
	o.since = 0
	_ = o.control.SetWriteDeadline(time.Now().Add(stallLimit))
	select {
	case <-o.closing:
		o.cut()
	default:
	}
}

// cut ends a write that stalls; any goroutine may call it while the call runs.
func (o *out) cut() { _ = o.control.SetWriteDeadline(time.Now().Add(lastWords)) }

func (o *out) write(text []byte) {
	if o.err != nil {
		return
	}
	if o.since += len(text); o.since > stallBytes {
		o.extend()
	}
	_, o.err = o.w.Write(text)
}

func (o *out) writeString(text string) { o.write([]byte(text)) }

// flush sends what was written.
func (o *out) flush() error {
	if o.err == nil {
		o.err = o.control.Flush()
	}
	return o.err
}

// stalled tells whether the reader was given up because it took nothing.
func (o *out) stalled() bool {
	select {
	case <-o.closing:
		return false
	default:
		return errors.Is(o.err, os.ErrDeadlineExceeded)
	}
}
