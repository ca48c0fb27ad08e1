package delivery

import (
	"strings"

	"github.com/callboard/callboard/internal/live"
)

// The names of readers.
const (
	// CallbackReader delivers to the documented callback URL. Every App has it from its creation.
	CallbackReader = "callback"
	// EndpointPrefix begins the names of readers that deliver to further endpoints: they come and go with the settings.
	EndpointPrefix = "endpoint-"
	// RedeliveryPrefix begins the names of redeliveries; a number follows.
	RedeliveryPrefix = "redelivery-"
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
func (id ReaderID) IsRedelivery() bool { return strings.HasPrefix(id.Name, RedeliveryPrefix) }
