package call

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/callboard/callboard/internal/access"
)

// Failure is what a caller is told.
type Failure struct {
	Status int    // of HTTP
	Text   string // says what to do
}

func (f *Failure) Error() string { return f.Text }

// BadRequest is for a call that has to be made in another way.
func BadRequest(format string, args ...any) *Failure {
	return &Failure{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// NotFound is for what is not there.
func NotFound(format string, args ...any) *Failure {
	return &Failure{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

// FailureOf returns the failure that an error is, or that package access makes of who is not let in; nil: it is another error, whose
// text is not for callers.
func FailureOf(err error) *Failure {
	if f := (*Failure)(nil); errors.As(err, &f) {
		return f
	}
	if r := (*access.Refusal)(nil); errors.As(err, &r) {
		return &Failure{r.Status, r.Text}
	}
	return nil
}
