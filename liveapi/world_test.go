package liveapi_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/callboard/callboard/liveapi"
)

const testSig = "eJwtjEsOgjAURffStSGvfEqvc*NYQ_"

// server answers every call with one text and remembers the last.
type server struct {
	*httptest.Server
	mu          sync.Mutex
	status      int
	answer      string
	path, body  string
	query       map[string][]string
	connections map[string]bool
}

func newServer(t testing.TB) *server {
	t.Helper()
	s := &server{status: http.StatusOK, connections: map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && r.Method == http.MethodPost && r.Header.Get("Content-Type") == "application/json" {
		s.path, s.query, s.body = r.URL.Path, r.URL.Query(), string(body)
	}
	s.connections[r.RemoteAddr] = true
	if s.status/100 == 3 {
		w.Header().Set("Location", "/elsewhere?"+r.URL.RawQuery)
	}
	w.WriteHeader(s.status)
	fmt.Fprint(w, s.answer)
}

// will sets the answer of the calls to come.
func (s *server) will(status int, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.answer = status, answer
}

func (s *server) client(t testing.TB) *liveapi.Client {
	t.Helper()
	client, err := liveapi.NewClient(liveapi.Options{
		BaseURL: s.URL, SDKAppID: 1400000001, Identifier: "administrator", UserSig: testSig,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}
