package egress

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxAnswer is how much of an answer's body is read, in bytes.
const MaxAnswer = 64 << 10

// maxRetryAfter bounds what a peer can ask for in Retry-After.
const maxRetryAfter = 24 * time.Hour

// Answer is what came back for a [Request].
type Answer struct {
	// Status is the HTTP status; 0 if no header of an answer came.
	Status int
	// Body is the answer's body, at most [MaxAnswer] bytes; with a Failure, what of it had come.
	Body []byte
	// TooLarge says that the body was longer than Body; the rest was not read.
	TooLarge bool
	// RetryAfter is the answer's Retry-After from now on, from 0 (also: none, unreadable) to 24 h.
	RetryAfter time.Duration
	// Duration is how long the Send took, failures included.
	Duration time.Duration
	// Resent says that a reused connection ended before the first byte of an answer, or held bytes of an earlier one, and
	// that the request was sent once more on a fresh connection: the peer may have seen it twice.
	Resent bool
	// Failure says why there is no whole answer; None if there is.
	Failure Failure
	// Err explains Failure to a person; nil if and only if Failure is None. Its text holds no secrets of the URL.
	Err error
}

// readAnswer reads at most MaxAnswer bytes. It reads to the very end of a body that is not longer, because only then
// net/http uses the connection again.
func readAnswer(body io.Reader, length int64) (data []byte, tooLarge bool, err error) {
	room := 512
	if length >= 0 && length <= MaxAnswer {
		room = int(length) + 1 // one more, so that the end is met without growing
	}
	data = make([]byte, 0, room)
	for {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := body.Read(data[len(data):min(cap(data), MaxAnswer+1)])
		data = data[:len(data)+n]
		if len(data) > MaxAnswer {
			return data[:MaxAnswer:MaxAnswer], true, nil
		}
		if err == io.EOF {
			return data, false, nil
		}
		if err != nil {
			return data, false, err
		}
	}
}

// retryAfter reads a Retry-After header: seconds or a date (RFC 9110, 10.2.3).
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}
