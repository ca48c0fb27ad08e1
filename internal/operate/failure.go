package operate

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
)

// failure is what a caller is told.
type failure struct {
	status int
	text   string
}

func (f *failure) Error() string { return f.text }

func badRequest(format string, args ...any) *failure {
	return &failure{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) *failure {
	return &failure{http.StatusNotFound, fmt.Sprintf(format, args...)}
}

// errBusy is for whoever waited too long for a turn to ask the store.
var errBusy = &failure{http.StatusServiceUnavailable, "others are asking just now, and few may at one time; ask again"}

// failureOf keeps texts of the store from callers.
func failureOf(err error) *failure {
	if f := (*failure)(nil); errors.As(err, &f) {
		return f
	}
	if r := (*access.Refusal)(nil); errors.As(err, &r) {
		return &failure{r.Status, r.Text}
	}
	if refusal := (*live.Error)(nil); errors.As(err, &refusal) {
		f := &failure{http.StatusBadRequest, refusal.Info}
		if refusal.Kind == live.Unavailable {
			f.status = http.StatusServiceUnavailable
		}
		return f
	}
	if errors.Is(err, delivery.ErrTooMany) {
		return &failure{http.StatusTooManyRequests, fmt.Sprintf("the App has %d redeliveries that have not ended; wait until some have", delivery.MaxRedeliveries)}
	}
	if errors.Is(err, delivery.ErrNoReader) {
		return &failure{http.StatusNotFound, "there is no such Reader: callback is one, endpoint-NAME is for each endpoint of the config, and redeliveries are until they end"}
	}
	if errors.Is(err, delivery.ErrStopping) {
		return &failure{http.StatusServiceUnavailable, "the server stops; call again when it is back"}
	}
	return &failure{http.StatusServiceUnavailable, "it could not be stored, or it is not known whether it was; look before you call again"}
}
