package operate

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
)

// What callers are told.
var badRequest, notFound = call.BadRequest, call.NotFound

// failureOf keeps texts of the store from callers.
func failureOf(err error) *call.Failure {
	if f := call.FailureOf(err); f != nil {
		return f
	}
	if refusal := (*live.Error)(nil); errors.As(err, &refusal) {
		f := &call.Failure{Status: http.StatusBadRequest, Text: refusal.Info}
		if refusal.Kind == live.Unavailable {
			f.Status = http.StatusServiceUnavailable
		}
		return f
	}
	if errors.Is(err, delivery.ErrTooMany) {
		return &call.Failure{Status: http.StatusTooManyRequests, Text: fmt.Sprintf("the App has %d redeliveries that have not ended; wait until some have", delivery.MaxRedeliveries)}
	}
	if errors.Is(err, delivery.ErrNoReader) {
		return &call.Failure{Status: http.StatusNotFound, Text: "there is no such Reader: callback is one, endpoint-NAME is for each endpoint of the config, and redeliveries are until they end"}
	}
	if errors.Is(err, delivery.ErrStopping) {
		return &call.Failure{Status: http.StatusServiceUnavailable, Text: "the server stops; call again when it is back"}
	}
	return &call.Failure{Status: http.StatusServiceUnavailable, Text: "it could not be stored, or it is not known whether it was; look before you call again"}
}
