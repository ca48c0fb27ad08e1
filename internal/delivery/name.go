package delivery

import (
	"strings"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// The names of readers, which package eventlog explains.
const (
	CallbackReader   = eventlog.CallbackReader
	EndpointPrefix   = eventlog.EndpointPrefix
	RedeliveryPrefix = eventlog.RedeliveryPrefix
)

// EndpointReader is the name of the reader of an endpoint.
func EndpointReader(endpoint string) string { return EndpointPrefix + endpoint }

// EndpointReaders are the names of the readers that an App has for its endpoints.
func EndpointReaders(app *live.App) []string {
	names := make([]string, len(app.Endpoints))
	for i := range app.Endpoints {
		names[i] = EndpointReader(app.Endpoints[i].Name)
	}
	return names
}

// ReaderOf is the name of the reader of an endpoint, of the callback URL when the name is empty.
func ReaderOf(endpoint string) string {
	if endpoint == "" {
		return CallbackReader
	}
	return EndpointReader(endpoint)
}

// EndpointOf is the inverse of [ReaderOf]; false: the reader is neither.
func EndpointOf(reader string) (endpoint string, ok bool) {
	if reader == CallbackReader {
		return "", true
	}
	endpoint, ok = strings.CutPrefix(reader, EndpointPrefix)
	return endpoint, ok && endpoint != ""
}

// DiscardedTo is the last number whose callbacks nobody wants any more of a reader. A redelivery is wanted, whatever it sends.
func DiscardedTo(reader string, app *live.App) int64 {
	endpoint, ok := EndpointOf(reader)
	if !ok {
		return 0
	}
	return app.DiscardedTo(endpoint)
}

// IsRedelivery tells whether the reader ends by itself.
func (id ReaderID) IsRedelivery() bool { return eventlog.IsRedelivery(id.Name) }
