package gap

import (
	"context"
	"database/sql"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/callboard/callboard/callback"
)

// replica is one life of an App backend: an HTTP server with an Inbox and connections of its own. It is also the way of the
// proxy to it.
type replica struct {
	inbox  *callback.Inbox
	db     *sql.DB
	server *httptest.Server
	way    *http.Transport
	life   context.Context // ends with it
	end    context.CancelFunc
}

// startReplica starts one that reads the feed by a transport.
func startReplica(t *testing.T, r *run, feed http.RoundTripper) *replica {
	t.Helper()
	db, err := r.site.open()
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(4)
	p := &replica{db: db, way: &http.Transport{MaxIdleConnsPerHost: 16}}
	p.life, p.end = context.WithCancel(context.Background())
	p.inbox = r.inbox(db, mortal{feed, p.life})
	p.server = httptest.NewUnstartedServer(dying(r, r.handler(p.inbox)))
	p.server.Config.BaseContext = func(net.Listener) context.Context { return p.life }
	p.server.Start()
	t.Cleanup(p.kill)
	return p
}

// kill cuts everything off: callbacks under way, transactions, requests to the feed. It may be called again.
func (p *replica) kill() {
	p.end()
	p.server.CloseClientConnections()
	p.server.Close()
	p.way.CloseIdleConnections()
	p.db.Close()
}

// ServeHTTP takes a callback there.
func (p *replica) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(p.server.URL, "http://")
	answer, err := p.way.RoundTrip(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body) // cut off: the sender cannot read it either
}

// dying is an App backend that sometimes is no more when it should answer: what it has committed, it has committed.
func dying(r *run, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, request)
		if !r.calm.Load() && accepts(answer) && r.dice.oneIn(50) {
			r.tally.add("died before the answer")
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(answer.Code)
		_, _ = answer.Body.WriteTo(w) // who does not wait for it has gone
	})
}

// mortal is a transport that nobody uses any more after an end of life.
type mortal struct {
	http.RoundTripper
	life context.Context
}

// RoundTrip implements [http.RoundTripper].
func (m mortal) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := m.life.Err(); err != nil {
		return nil, err
	}
	return m.RoundTripper.RoundTrip(r)
}
