package access

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/callboard/callboard/internal/live"
)

// MaxQuery is the longest query that is taken apart, in bytes: four times the longest UserSig.
const MaxQuery = 16 << 10

// Query is what the query of a call says about who calls. Nothing of it may be logged but what [Query.Logged] returns.
type Query struct {
	App        live.AppID
	Identifier live.Account
	UserSig    string
}

// ParseQuery reads the query; the error says what is wrong with it. What was read before the error is returned too.
// Spec: REST 1.1; names and values are case-sensitive.
func ParseQuery(raw string) (Query, error) {
	values, err := parseValues(raw)
	if err != nil {
		return Query{}, err
	}
	q := Query{Identifier: live.Account(values.Get("identifier")), UserSig: values.Get("usersig")}
	if q.App, err = parseAppID(values); err != nil {
		return q, err
	}
	if q.Identifier == "" {
		return q, live.Refuse(live.BadRequest, "%s; it is an App administrator", missing(values, "identifier"))
	}
	if values.Has("random") {
		if _, err := strconv.ParseUint(values.Get("random"), 10, 32); err != nil {
			return q, live.Refuse(live.BadRequest, "random in the query must be an integer from 0 to 4294967295")
		}
	}
	if q.UserSig == "" {
		return q, live.Refuse(live.UserSigMalformed, "%s; it is a signature for the identifier", missing(values, "usersig"))
	}
	return q, nil
}

func parseValues(raw string) (url.Values, error) {
	if len(raw) > MaxQuery {
		return nil, live.Refuse(live.BadRequest, "the query has %d bytes; at most %d are allowed", len(raw), MaxQuery)
	}
	values, err := url.ParseQuery(raw)
	if err != nil { // its text would repeat the query
		return nil, live.Refuse(live.BadRequest, "the query cannot be parsed; its parts are name=value, URL-encoded, joined with &")
	}
	return values, nil
}

func parseAppID(values url.Values) (live.AppID, error) {
	text := values.Get("sdkappid")
	if text == "" {
		return 0, live.Refuse(live.SDKAppIDMissing, "%s", missing(values, "sdkappid"))
	}
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil || id == 0 {
		return 0, live.Refuse(live.SDKAppIDInvalid, "sdkappid in the query must be the number of an App, from 1 to 4294967295")
	}
	return live.AppID(id), nil
}

// missing says that the query lacks a parameter, and whether it was written in other letters.
func missing(values url.Values, name string) string {
	for other := range values {
		if other != name && strings.EqualFold(other, name) {
			return name + " is missing in the query; there is " + strconv.Quote(other) + ", but letter case counts"
		}
	}
	if values.Has(name) {
		return name + " is empty in the query"
	}
	return name + " is missing in the query"
}

// Logged is the identifier for a log line, empty unless it has the form of an account: a caller may have put a UserSig,
// or anything else, in its place.
func (q Query) Logged() string {
	if q.Identifier.Check("identifier") != nil {
		return ""
	}
	return string(q.Identifier)
}
