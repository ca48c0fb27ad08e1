package eventlog

import "strings"

// The names of readers.
const (
	// CallbackReader delivers to the documented callback URL. Every App has it from its creation.
	CallbackReader = "callback"
	// EndpointPrefix begins the names of readers that deliver to further endpoints: they come and go with the settings.
	EndpointPrefix = "endpoint-"
	// RedeliveryPrefix begins the names of redeliveries; a number follows.
	RedeliveryPrefix = "redelivery-"
	// MaxReaderName is in bytes.
	MaxReaderName = 64
)

// IsReaderName tells whether a text has the form of a reader's name. Whether there is such a reader is for those who know the readers.
func IsReaderName(text string) bool {
	foreign := func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' }
	return text != "" && len(text) <= MaxReaderName && !strings.ContainsFunc(text, foreign)
}

// IsRedelivery tells whether a name is that of a redelivery, which ends by itself.
func IsRedelivery(name string) bool { return strings.HasPrefix(name, RedeliveryPrefix) }
