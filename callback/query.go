package callback

import (
	"net/url"
	"strings"
)

// maxQuery bounds the query of the URL in bytes. The documented parameters take about 250; the rest is for those that
// the App backend put in its own callback URL.
const maxQuery = 16 << 10

// query holds the parameters of a callback URL by lower-case name: the pages write SdkAppid and SdkAppId, and the order
// is not promised. Spec: callbacks, section 1.1.
type query map[string]string

// parseQuery leaves out what does not decode. Of a name given twice the last counts, because a sender appends its
// parameters to the query that the configured URL has already.
func parseQuery(raw string) query {
	q := query{}
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, errName := url.QueryUnescape(name)
		value, errValue := url.QueryUnescape(value)
		if errName == nil && errValue == nil {
			q[strings.ToLower(name)] = value
		}
	}
	return q
}

func (q query) get(name string) string { return q[strings.ToLower(name)] }
