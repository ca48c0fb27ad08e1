package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
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

// Right is what a call needs of who makes it.
type Right int

// The rights. What is not said to need less needs the most.
const (
	// Operate is to change what is sent; who may operate may read.
	Operate Right = iota
	// Read is to look at what there is.
	Read
)

// Enter lets in who calls below /callboard/: an App administrator by the query, as for the REST API, or who shows a token of the
// App in the header Authorization (Bearer), with sdkappid in the query. The error is a *Refusal. settings returns those of an
// App, nil when there is no such App: that is answered like a bad proof, in the same time, so that nobody learns which Apps there are.
func (g *Gate) Enter(req *http.Request, settings func(live.AppID) *live.App, needs Right) (Caller, error) {
	if token, ok := bearer(req.Header); ok {
		return enterByToken(req.URL.RawQuery, token, settings, needs)
	}
	q, err := ParseQuery(req.URL.RawQuery)
	if err != nil {
		return Caller{}, refusal(http.StatusBadRequest, err)
	}
	app := settings(q.App)
	if app == nil {
		app = &live.App{ID: q.App, Key: g.nobodysKey}
	}
	if err := g.Admit(app, q); err != nil {
		return Caller{}, denied(app.ID, err)
	}
	return Caller{app, q.Identifier}, nil
}

// denied is 401 for who does not prove who they are, and 403 for who is no App administrator.
func denied(app live.AppID, err error) *Refusal {
	r := (*live.Error)(nil)
	switch {
	case !errors.As(err, &r):
	case r.Kind == live.NotAdministrator:
		return &Refusal{http.StatusForbidden, r.Info}
	case r.Kind == live.UserSigWrongKey:
		return &Refusal{http.StatusUnauthorized, fmt.Sprintf("the UserSig was changed, or signed with another key than that of SDKAppID %d, "+
			"or there is no such App here; apps in the config file has those that are", app)}
	}
	return refusal(http.StatusUnauthorized, err)
}

var (
	errToken = &Refusal{http.StatusUnauthorized,
		"the token in the header Authorization is none of the App, or there is no such App here; tokens of the App in the config file has those that are"}
	errReadOnly = &Refusal{http.StatusForbidden,
		"the token in the header Authorization may only read; use one that may operate (tokens of the App in the config file), or a UserSig of an App administrator"}
)

func enterByToken(query, token string, settings func(live.AppID) *live.App, needs Right) (Caller, error) {
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
		app = &live.App{}
	}
	switch right, found := rightOf(app, token); {
	case !found:
		return Caller{}, errToken
	case right == Read && needs != Read:
		return Caller{}, errReadOnly
	}
	return Caller{app, TokenName}, nil
}

// bearer returns the token of a call. Other kinds of authorization are for others, for instance a proxy on the way.
func bearer(header http.Header) (token string, ok bool) {
	kind, token, _ := strings.Cut(header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(kind, "Bearer")
}

// rightOf takes the same time whichever token is the right one, however much of one is right, and however many an App has.
func rightOf(app *live.App, token string) (right Right, found bool) {
	shown := sha256.Sum256([]byte(token))
	var operate, read int
	for i := range live.MaxTokens {
		operate |= isToken(app.Tokens, i, shown)
		read |= isToken(app.ReadTokens, i, shown)
	}
	if operate == 1 {
		return Operate, true
	}
	return Read, read == 1
}

// isToken is 1 when a token of a list is the one that is shown. One that is missing is like one that is not.
func isToken(list []string, i int, shown [sha256.Size]byte) int {
	token, there := "", 0
	if i < len(list) {
		token, there = list[i], 1
	}
	own := sha256.Sum256([]byte(token))
	return there & subtle.ConstantTimeCompare(shown[:], own[:])
}

// refusal has the text of an error of this package, which are all *live.Error.
func refusal(status int, err error) *Refusal {
	if r := (*live.Error)(nil); errors.As(err, &r) {
		return &Refusal{status, r.Info}
	}
	return &Refusal{status, err.Error()}
}
