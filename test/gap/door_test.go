package gap

import (
	"bytes"
	"io"
	"net/http"
	"sync"
)

// door takes requests to the address at which the process of the moment listens.
type door struct {
	http.RoundTripper
	mu      sync.Mutex
	address string
}

// RoundTrip implements [http.RoundTripper].
func (d *door) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	address := d.address
	d.mu.Unlock()
	r = r.Clone(r.Context())
	r.URL.Host = address
	return d.RoundTripper.RoundTrip(r)
}

func (d *door) open(address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.address = address
}

// RoundTrip is the way to the feed, which is a bad one until all is calm.
func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	if !s.run.calm.Load() && cut(s.run.dice) {
		return nil, errCut
	}
	answer, err := s.door.RoundTrip(r)
	if err != nil || s.run.calm.Load() {
		return answer, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.StatusCode, body = spoil(s.run.dice, answer.StatusCode, body)
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}
