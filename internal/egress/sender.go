package egress

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Limits and defaults of a [Sender].
const (
	DefaultTimeout = 5 * time.Second // of a Request that names none
	MaxTimeout     = time.Minute     // a longer one is cut to this

	maxAnswerHeader = 32 << 10 // bytes
)

// Options configure a [Sender]; each zero value means the default in parentheses.
type Options struct {
	Guard          *Guard        // which addresses may be reached (public ones only)
	MaxIdle        int           // idle connections in all (2048)
	MaxIdlePerHost int           // idle connections to one host and port (64)
	MaxConnAge     time.Duration // how long a connection lives at most, with a last Send of up to a fifth of it (5 min)
	Resolver       *net.Resolver // resolves names (the one of the system)
	UserAgent      string        // sent if a Request has none ("Callboard")
}

func (o Options) withDefaults() Options {
	if o.Guard == nil {
		o.Guard = NewGuard(GuardOptions{})
	}
	if o.MaxIdle <= 0 {
		o.MaxIdle = 2048
	}
	if o.MaxIdlePerHost <= 0 {
		o.MaxIdlePerHost = 64
	}
	if o.MaxConnAge <= 0 {
		o.MaxConnAge = 5 * time.Minute
	}
	if o.UserAgent == "" {
		o.UserAgent = "Callboard"
	}
	return o
}

// Sender posts requests over HTTP/1.1 connections that it keeps and reuses. Make one with [NewSender]; it may be used by
// any number of goroutines. Who makes it must Close it.
type Sender struct {
	dialer    *net.Dialer
	transport *http.Transport
	pool      *pool
	setups    *tlsCache
	userAgent string
	started   time.Time
	under     gate               // Sends and dials under way
	running   context.Context    // ends all dials when it ends
	stop      context.CancelFunc // ends running
}

// NewSender returns a Sender that is ready to use.
func NewSender(o Options) *Sender {
	o = o.withDefaults()
	s := &Sender{
		dialer: &net.Dialer{Control: o.Guard.Control, Resolver: o.Resolver},
		// Of a connection's age, three fifths are for its use, one for the last Send, one for being idle.
		pool:      newPool(max(o.MaxConnAge*3/5, 1)),
		setups:    newTLSCache(),
		userAgent: o.UserAgent,
		started:   time.Now(),
	}
	s.running, s.stop = context.WithCancel(context.Background())
	s.transport = &http.Transport{
		Proxy:                  nil, // none from the environment
		DialContext:            s.dialPlain,
		DialTLSContext:         s.dialTLS,
		DisableCompression:     true, // the limit of an answer is one of bytes read
		MaxIdleConns:           o.MaxIdle,
		MaxIdleConnsPerHost:    o.MaxIdlePerHost,
		IdleConnTimeout:        max(o.MaxConnAge/5, 1),
		MaxResponseHeaderBytes: maxAnswerHeader,
		Protocols:              new(http.Protocols),
	}
	s.transport.Protocols.SetHTTP1(true)
	return s
}

// Close lets no further Send in, aborts connects under way, waits for the Sends under way (each ends by its timeout) and
// closes all connections. Cancel the contexts of those Sends before, to be quicker. It may be called more than once.
func (s *Sender) Close() {
	s.under.shut()
	s.stop()
	s.under.wait()
	s.transport.CloseIdleConnections()
}

// Request is one POST.
type Request struct {
	// URL is where to: http or https, see [Guard.CheckURL] for its form. User info becomes basic authentication, if
	// Header has no Authorization.
	URL string
	// Header is sent as it is, with a User-Agent if it has none. It must not change during the Send. It must not hold
	// an Idempotency-Key, which net/http takes as leave to repeat the request by itself.
	Header http.Header
	// Body must never change afterwards: a connection may read it for a moment after Send returned.
	Body []byte
	// Timeout covers resolving, connecting, TLS and the whole answer, from Send's beginning. Zero: [DefaultTimeout];
	// at most [MaxTimeout].
	Timeout time.Duration
	// TLS is what the App backend needs beyond the system's roots; without meaning for http.
	TLS TLSFiles
}

// Send posts r and reports what came back; it always returns an Answer and never follows a redirect.
//
// It sends twice in one case only: a *reused* connection is of no use. It ends before the first byte of an answer, or what
// it brings was there before the request. Mostly the peer had closed it while idle, so the request is sent once more, at
// once and on a fresh connection, within the same timeout.
// net/http could repeat as well, but on as many stale connections as it has, so a request that makes its receiver crash
// would be repeated that often.
func (s *Sender) Send(ctx context.Context, r Request) Answer {
	start := time.Now()
	answer := s.send(ctx, r, start)
	answer.Duration = time.Since(start)
	return answer
}

func (s *Sender) send(ctx context.Context, r Request, now time.Time) Answer {
	if !s.under.enter() {
		return failed(Canceled, errClosed, connecting)
	}
	defer s.under.leave()

	u, err := parseURL(r.URL)
	if err != nil {
		return failed(BadRequest, err, connecting)
	}
	setup := s.setups.system
	if u.Scheme == "https" {
		if setup, err = s.setups.get(r.TLS, now); err != nil {
			return failed(TLS, err, connecting)
		}
	}
	deadline := now.Add(timeout(r.Timeout))
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()

	to := newTarget(u, setup.config, deadline)
	header := s.header(r.Header, u)
	answer, stale := s.exchange(ctx, to, s.pool.name(u.Host, setup.id, now.Sub(s.started)), header, r.Body)
	if stale {
		to.single = true
		answer, _ = s.exchange(ctx, to, s.pool.singleName(u.Host), header, r.Body)
		answer.Resent = true
	}
	return answer
}

func timeout(asked time.Duration) time.Duration {
	if asked <= 0 {
		return DefaultTimeout
	}
	return min(asked, MaxTimeout)
}

// header returns what to send. The caller's map is never written to.
func (s *Sender) header(header http.Header, u *url.URL) http.Header {
	_, named := header["User-Agent"]
	_, authorized := header["Authorization"]
	if named && (authorized || u.User == nil) {
		return header
	}
	full := make(http.Header, len(header)+2)
	for name, values := range header {
		full[name] = values
	}
	if !named {
		full["User-Agent"] = []string{s.userAgent}
	}
	if !authorized && u.User != nil {
		full["Authorization"] = []string{basicAuth(u.User)}
	}
	return full
}

func failed(f Failure, err error, p phase) Answer {
	return Answer{Failure: f, Err: explain(f, err, p)}
}
