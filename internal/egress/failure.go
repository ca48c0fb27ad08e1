package egress

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
)

// Failure says why a [Sender.Send] brought no whole answer. The kinds are closed: one is added only with its reason.
type Failure int

// The kinds of failure. None is zero.
const (
	None       Failure = iota // a whole answer came back, whatever its status
	BadRequest                // the Request cannot be sent: its URL or a header
	Refused                   // the Guard refuses the address
	DNS                       // the name cannot be resolved
	Connect                   // no connection: refused, unreachable
	TLS                       // the handshake failed, a certificate is not accepted, a TLS file is not usable
	Timeout                   // the time was up, in whichever phase
	CutOff                    // the connection ended before the end of the answer: reset, closed
	BadAnswer                 // what came back is not HTTP/1.x, or its headers are cut off or above 32 KiB
	Canceled                  // the caller's context was cancelled, or the Sender closed
)

var failureNames = [...]string{"none", "bad_request", "refused", "dns", "connect", "tls", "timeout", "cut_off", "bad_answer", "canceled"}

// String returns a stable name for metrics and stored attempts, such as "cut_off".
func (f Failure) String() string {
	if f < 0 || int(f) >= len(failureNames) {
		return "unknown"
	}
	return failureNames[f]
}

// dialError is what our dial functions return, so that its step survives the way through net/http.
type dialError struct {
	step Failure // Connect or TLS: the step that failed
	err  error
}

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

// classify finds the kind of a failed exchange. asked: a connection was asked for; begun: the first byte of an answer
// had come.
func classify(err error, asked, begun bool) Failure {
	var refused *RefusedError
	var dial *dialError
	var netErr net.Error
	switch {
	case errors.As(err, &refused):
		return Refused
	case errors.Is(err, context.Canceled), errors.Is(err, errClosed):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return Timeout
	case errors.As(err, &dial):
		return dial.kind()
	case !asked:
		return BadRequest
	case isTLSAlert(err):
		return TLS
	case begun && !isCutOff(err):
		return BadAnswer
	}
	return CutOff
}

func (e *dialError) kind() Failure {
	var dns *net.DNSError
	if errors.As(e.err, &dns) {
		return DNS
	}
	return e.step
}

// isTLSAlert finds a peer's alert after the handshake: with TLS 1.3 that is how a missing client certificate shows.
func isTLSAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

func isCutOff(err error) bool {
	var op *net.OpError
	return isEnd(err) || errors.Is(err, net.ErrClosed) || errors.As(err, &op)
}

// isEnd tells that the peer ended the connection.
func isEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// maxErrorText bounds a text that ends in logs and rows: certificates and names in it are the peer's choice.
const maxErrorText = 300

// sendError is the Err of an [Answer]: a text of our own, and a cause for errors.Is and errors.As if that is safe.
type sendError struct {
	text  string
	cause error
}

func (e *sendError) Error() string { return e.text }
func (e *sendError) Unwrap() error { return e.cause }

// explain makes the Err of an Answer. Errors from reading an answer may quote the peer's bytes, and a peer may send our
// query back, so those kinds get a fixed text and no cause.
func explain(f Failure, err error, p phase) error {
	switch f {
	case Timeout:
		return &sendError{text: "timed out " + p.String(), cause: context.DeadlineExceeded}
	case Canceled:
		return &sendError{text: "canceled " + p.String(), cause: context.Canceled}
	case CutOff:
		return &sendError{text: "connection ended " + p.String()}
	case TLS:
		if isEnd(err) { // whose own text is "EOF"
			return &sendError{text: "tls: the connection ended in the handshake", cause: err}
		}
	case BadAnswer:
		return &sendError{text: "the answer is not HTTP/1.x, is cut off in its header, or has headers above 32 KiB"}
	case Refused:
		var refused *RefusedError
		if errors.As(err, &refused) { // without the dialler's words before it
			return &sendError{text: refused.Error(), cause: err}
		}
	}
	text := err.Error()
	if len(text) > maxErrorText {
		text = text[:maxErrorText]
	}
	return &sendError{text: f.String() + ": " + strings.ToValidUTF8(text, ""), cause: err}
}
