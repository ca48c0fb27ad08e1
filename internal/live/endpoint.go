package live

import (
	"slices"
	"strings"
)

// Limits of what is set beside the callback.
const (
	// MaxTokens is the most tokens of an App, whatever they may.
	MaxTokens = 16
	// MaxEndpoints is the most further endpoints of an App: each is a reader of its log.
	MaxEndpoints = 8
	// MaxEndpointName is in bytes.
	MaxEndpointName = 32
	// MaxSigningSecrets is the most live secrets of one destination: two while they are rotated.
	MaxSigningSecrets = 2
)

// Destination is where callbacks are sent to, and how.
type Destination struct {
	// URL is empty when nobody is to be called.
	URL string
	// Token makes Sign; empty: there is none.
	Token string
	// SigningSecrets make the signatures, the first one first; none: there are no signatures.
	SigningSecrets []string
	TLS            TLSFiles
	Delivery       Delivery
}

func (d Destination) equal(o Destination) bool {
	return d.URL == o.URL && d.Token == o.Token && slices.Equal(d.SigningSecrets, o.SigningSecrets) && d.TLS == o.TLS && d.Delivery == o.Delivery
}

// Endpoint is a further destination of an App's callbacks: it gets the commands of the callback, from its creation on.
type Endpoint struct {
	Name string
	Destination
	// DiscardTo is the last number whose callbacks nobody wants any more there.
	DiscardTo int64 `json:",omitempty"`
}

// Check refuses an endpoint that cannot be used. Which addresses may be called is for the guard of outgoing calls, and
// the form of secrets for who signs.
func (e *Endpoint) Check() error {
	if !IsEndpointName(e.Name) {
		return invalid("the name of an endpoint must have 1 to %d of a-z, 0-9 and -", MaxEndpointName)
	}
	if err := checkCallbackURL(e.URL); err != nil {
		return invalid("endpoint %s: %v", e.Name, err)
	}
	return checkSecrets(e.SigningSecrets)
}

// IsEndpointName tells whether a text has the form of an endpoint's name.
func IsEndpointName(text string) bool {
	return text != "" && len(text) <= MaxEndpointName && !strings.ContainsFunc(text, isForeignInName)
}

func isForeignInName(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' }

func checkSecrets(secrets []string) error {
	if len(secrets) > MaxSigningSecrets {
		return invalid("there are %d signing secrets; at most %d are allowed", len(secrets), MaxSigningSecrets)
	}
	return nil
}

func checkEndpoints(list []Endpoint) error {
	if len(list) > MaxEndpoints {
		return invalid("there are %d endpoints; at most %d are allowed", len(list), MaxEndpoints)
	}
	names := map[string]bool{}
	for i := range list {
		if err := list[i].Check(); err != nil {
			return err
		}
		if names[list[i].Name] {
			return invalid("the endpoint %s stands twice", list[i].Name)
		}
		names[list[i].Name] = true
	}
	return nil
}

// DiscardedTo is the last number whose callbacks nobody wants any more at an endpoint, at the callback URL when the name is empty.
func (a *App) DiscardedTo(endpoint string) int64 {
	if endpoint == "" {
		return a.DiscardTo
	}
	for i := range a.Endpoints {
		if a.Endpoints[i].Name == endpoint {
			return a.Endpoints[i].DiscardTo
		}
	}
	return 0
}

// discard returns endpoints of which one has another DiscardTo.
func discard(list []Endpoint, name string, to int64) []Endpoint {
	list = slices.Clone(list)
	for i := range list {
		if list[i].Name == name {
			list[i].DiscardTo = to
		}
	}
	return list
}

// stillDiscarded returns endpoints that were configured anew, each with what of it is discarded by the settings before.
func stillDiscarded(list []Endpoint, before *App) []Endpoint {
	list = slices.Clone(list)
	for i := range list {
		list[i].DiscardTo = before.DiscardedTo(list[i].Name)
	}
	return list
}

// CallbackDestination is that of the documented callback.
func (a *App) CallbackDestination() Destination {
	d := Destination{URL: callbackURL(a), SigningSecrets: a.SigningSecrets, TLS: a.CallbackTLS, Delivery: a.Delivery}
	if a.Token != nil && a.Token.Enabled {
		d.Token = a.Token.Token
	}
	return d
}

// Endpoint returns the destination of an endpoint, and whether there is one of that name.
func (a *App) Endpoint(name string) (Destination, bool) {
	for i := range a.Endpoints {
		if a.Endpoints[i].Name == name {
			return a.Endpoints[i].Destination, true
		}
	}
	return Destination{}, false
}
