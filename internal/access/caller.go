package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"

	"github.com/callboard/callboard/internal/live"
)

// Caller is who makes a call below /callboard/.
type Caller struct {
	App *live.App
	// By is the App administrator, or [TokenName].
	By live.Account
}

// TokenName stands for whoever has shown a token of the App: tokens have no names of their own.
const TokenName live.Account = "token"

// Refusal is what [Gate.Enter] answers to whom it does not let in.
type Refusal struct {
	Status int // of HTTP
	Text   string
}

func (r *Refusal) Error() string { return r.Text }

// Enter lets in who calls below /callboard/: an App administrator by the query, as for the REST API, or who shows a token of the
// App in the header Authorization (Bearer), with sdkappid in the query. The error is a *Refusal. settings returns those of an
// App, nil when there is no such App.
func (g *Gate) Enter(req *http.Request, settings func(live.AppID) *live.App) (Caller, error) {
	if token, ok := bearer(req.Header); ok {
		return enterByToken(req.URL.RawQuery, token, settings)
	}
	q, err := ParseQuery(req.URL.RawQuery)
	if err != nil {
		return Caller{}, refusal(http.StatusBadRequest, err)
	}
	app := settings(q.App)
	if app == nil {
		return Caller{}, errNoApp
	}
	if err := g.Admit(app, q); err != nil {
		return Caller{}, refusal(deniedStatus(err), err)
	}
	return Caller{app, q.Identifier}, nil
}

var (
	errNoApp = &Refusal{http.StatusNotFound, "there is no such App here; add it to the config file"}
	errToken = &Refusal{http.StatusUnauthorized, "the token in the header Authorization is none of the App; tokens of the App in the config file has those that are"}
)

func enterByToken(query, token string, settings func(live.AppID) *live.App) (Caller, error) {
	values, err := parseValues(query)
	if err != nil {
		return Caller{}, refusal(http.StatusBadRequest, err)
	}
	id, err := parseAppID(values)
	if err != nil {
		return Caller{}, refusal(http.StatusBadRequest, err)
	}
	app := settings(id)
	if app == nil {
		return Caller{}, errNoApp
	}
	if !hasToken(app, token) {
		return Caller{}, errToken
	}
	return Caller{app, TokenName}, nil
}

// bearer returns the token of a call. Other kinds of authorization are for others, for instance a proxy on the way.
func bearer(header http.Header) (token string, ok bool) {
	kind, token, _ := strings.Cut(header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(kind, "Bearer")
}

// hasToken takes the same time whichever token is the right one, and however much of one is right.
func hasToken(app *live.App, token string) bool {
	shown, found := sha256.Sum256([]byte(token)), 0
	for _, t := range app.Tokens {
		own := sha256.Sum256([]byte(t))
		found |= subtle.ConstantTimeCompare(shown[:], own[:])
	}
	return found == 1
}

// deniedStatus is 401 for who does not prove who they are, and 403 for who is no App administrator.
func deniedStatus(err error) int {
	if r := (*live.Error)(nil); errors.As(err, &r) && r.Kind == live.NotAdministrator {
		return http.StatusForbidden
	}
	return http.StatusUnauthorized
}

// refusal has the text of an error of this package, which are all *live.Error.
func refusal(status int, err error) *Refusal {
	if r := (*live.Error)(nil); errors.As(err, &r) {
		return &Refusal{status, r.Info}
	}
	return &Refusal{status, err.Error()}
}
