package gap

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
)

// proxy stands before the replicas of the App backend and treats a tenth of the callbacks badly.
type proxy struct {
	random   *rand.Rand
	replicas func() []http.Handler
	late     []*http.Request // copies that are still on their way
	calm     bool
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cut off", http.StatusBadGateway)
		return
	}
	again := func() *http.Request {
		c := r.Clone(r.Context())
		c.Body = io.NopCloser(bytes.NewReader(body))
		return c
	}
	fate := p.random.IntN(100)
	if p.calm {
		fate = 100
	}
	switch {
	case fate < 3: // dropped
		http.Error(w, "bad gateway", http.StatusBadGateway)
	case fate < 5: // overtaken by others: the sender has long gone when it arrives
		p.late = append(p.late, again())
		http.Error(w, "timeout", http.StatusGatewayTimeout)
	case fate < 7: // the answer is lost
		p.any().ServeHTTP(httptest.NewRecorder(), again())
		http.Error(w, "bad gateway", http.StatusBadGateway)
	case fate < 9: // twice
		p.any().ServeHTTP(httptest.NewRecorder(), again())
		p.any().ServeHTTP(w, again())
	case fate < 10: // again, much later
		p.late = append(p.late, again())
		fallthrough
	default:
		p.any().ServeHTTP(w, again())
	}
}

func (p *proxy) any() http.Handler {
	replicas := p.replicas()
	return replicas[p.random.IntN(len(replicas))]
}

// flush lets one of the late ones arrive.
func (p *proxy) flush() {
	if len(p.late) == 0 {
		return
	}
	n := p.random.IntN(len(p.late))
	r := p.late[n]
	p.late = slices.Delete(p.late, n, n+1)
	p.any().ServeHTTP(httptest.NewRecorder(), r)
}
