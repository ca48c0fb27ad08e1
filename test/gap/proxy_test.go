package gap

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// proxy stands before the replicas of the App backend and treats a tenth of the callbacks badly.
type proxy struct {
	dice     *dice
	replicas func() []http.Handler
	judge    func(*http.Request) int // the fate of a callback, of a hundred; nil: the dice say it
	held     func()                  // counts; nil: nothing is held, for who sends does nothing else

	mu   sync.Mutex
	late []*http.Request // copies that are still on their way
	calm bool
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cut off", http.StatusBadGateway)
		return
	}
	copied := func(ctx context.Context) *http.Request {
		c := r.Clone(ctx)
		c.Body = io.NopCloser(bytes.NewReader(body))
		return c
	}
	again := func() *http.Request { return copied(r.Context()) }
	late := func() *http.Request { return copied(context.Background()) } // whether or not the sender waits
	switch fate := p.fate(r); {
	case fate < 3: // dropped
		http.Error(w, "bad gateway", http.StatusBadGateway)
	case fate < 5: // overtaken by others: the sender has long gone when it arrives
		p.keep(late())
		http.Error(w, "timeout", http.StatusGatewayTimeout)
	case fate < 7: // the answer is lost
		p.any().ServeHTTP(httptest.NewRecorder(), again())
		http.Error(w, "bad gateway", http.StatusBadGateway)
	case fate < 9: // twice
		p.any().ServeHTTP(httptest.NewRecorder(), again())
		p.any().ServeHTTP(w, again())
	case fate < 10: // again, much later
		p.keep(late())
		p.any().ServeHTTP(w, again())
	case fate < 11 && p.held != nil: // the sender's patience ends before it gets there
		<-r.Context().Done()
		p.held()
		p.keep(late())
	default:
		p.any().ServeHTTP(w, again())
	}
}

func (p *proxy) any() http.Handler {
	replicas := p.replicas()
	return replicas[p.dice.below(len(replicas))]
}

// fate is what becomes of a callback, of a hundred.
func (p *proxy) fate(r *http.Request) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.calm:
		return 100
	case p.judge != nil:
		return p.judge(r)
	}
	return p.dice.below(100)
}

func (p *proxy) settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calm = true
}

func (p *proxy) keep(r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.late = append(p.late, r)
}

// take returns one of the late ones, nil when there is none.
func (p *proxy) take() *http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.late) == 0 {
		return nil
	}
	n := p.dice.below(len(p.late))
	r := p.late[n]
	p.late = slices.Delete(p.late, n, n+1)
	return r
}

// flush lets one of the late ones arrive, and tells whether there was one.
func (p *proxy) flush() bool {
	r := p.take()
	if r != nil {
		p.any().ServeHTTP(httptest.NewRecorder(), r)
	}
	return r != nil
}
