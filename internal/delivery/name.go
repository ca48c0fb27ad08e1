package delivery

import (
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

// IsRedelivery tells whether the reader ends by itself.
func (id ReaderID) IsRedelivery() bool { return eventlog.IsRedelivery(id.Name) }
