package call

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/live"
)

// Prefix begins every path.
const Prefix = "/callboard/v1/"

// Path is how a path is to be called.
type Path struct {
	Method string
	// Takes are the parameters of the query beside those that say who calls.
	Takes []string
	// Needs is what the caller must have the right to.
	Needs access.Right
}

// whoCalls are the parameters that package access reads, and that a client of the REST API sends with every call.
var whoCalls = []string{"sdkappid", "identifier", "usersig", "random", "contenttype"}

// Enter refuses a call that is not made as the path wants it, and a caller who may not make it. It reads no body.
func (p *Path) Enter(w http.ResponseWriter, req *http.Request, gate *access.Gate, settings func(live.AppID) *live.App) (access.Caller, error) {
	switch {
	case req.Method != p.Method:
		w.Header().Set("Allow", p.Method)
		return access.Caller{}, &Failure{http.StatusMethodNotAllowed, "the method must be " + p.Method}
	case len(req.Header.Values("Content-Encoding")) > 0:
		return access.Caller{}, BadRequest("the header Content-Encoding is not taken; send the body as plain JSON")
	}
	caller, err := gate.Enter(req, settings, p.Needs)
	if err != nil {
		return access.Caller{}, err
	}
	return caller, p.checkNames(req.URL.Query()) // its size is limited by the gate
}

// checkNames refuses parameters that are not taken.
func (p *Path) checkNames(query url.Values) error {
	for name, values := range query {
		switch {
		case slices.Contains(whoCalls, name):
		case !slices.Contains(p.Takes, name):
			return BadRequest("the query has %.64q, which is not taken here; beside who calls there %s", name, p.taken())
		case len(values) > 1:
			return BadRequest("the query has %s more than once", name)
		case !utf8.ValidString(values[0]):
			return BadRequest("%s in the query is not valid UTF-8", name)
		}
	}
	return nil
}

func (p *Path) taken() string {
	if len(p.Takes) == 0 {
		return "is nothing"
	}
	return "may be " + strings.Join(p.Takes, ", ")
}
