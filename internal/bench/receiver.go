package bench

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/callboard/callboard/callback"
)

// receiver plays the App backends: plain net/http servers, one for each address, so that an App can have one of its own.
// What comes is checked by the ledger of the measurement.
type receiver struct {
	fronts []*front
	ledger atomic.Pointer[ledger] // nil between measurements: then all is answered and nothing checked
}

// front is one address.
type front struct {
	address string

	mu      sync.Mutex
	server  *http.Server // nil while it is off
	serving sync.WaitGroup
	release chan struct{} // closed to end what hangs
}

// Limits of the receiver.
const (
	bodyLimit = 64 << 10
	// hangLimit ends a callback that hangs, if its sender does not.
	hangLimit = 2 * time.Minute
)

const okAnswer = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`

var okType = []string{"application/json"}

func startReceiver(addresses int) (*receiver, error) {
	r := &receiver{}
	for range addresses {
		r.fronts = append(r.fronts, &front{address: "127.0.0.1:0"})
	}
	if err := r.on(); err != nil {
		r.off()
		return nil, err
	}
	return r, nil
}

// on listens everywhere, on the same addresses as before.
func (r *receiver) on() error {
	for _, f := range r.fronts {
		if err := f.on(r); err != nil {
			return err
		}
	}
	return nil
}

// off closes all addresses and connections: who calls is refused.
func (r *receiver) off() {
	for _, f := range r.fronts {
		f.off()
	}
}

// on listens. Nothing happens when it listens already.
func (f *front) on(r *receiver) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.server != nil {
		return nil
	}
	listener, err := net.Listen("tcp", f.address) //nolint:noctx // a local address is bound at once
	if err != nil {
		return err
	}
	f.address, f.release = listener.Addr().String(), make(chan struct{})
	server := &http.Server{
		Handler:           &backend{receiver: r, release: f.release},
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: hangLimit + 10*time.Second,
		IdleTimeout: 5 * time.Minute, MaxHeaderBytes: 32 << 10,
	}
	f.server = server
	f.serving.Go(func() { _ = server.Serve(listener) })
	return nil
}

func (f *front) off() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.server == nil {
		return
	}
	close(f.release)
	_ = f.server.Close()
	f.serving.Wait()
	f.server = nil
}

// forgive ends what hangs and answers everything from now on, unchecked, so that a server which waits for its attempts
// can stop at once. All that is to be counted has come.
func (r *receiver) forgive() error {
	r.use(nil)
	r.off()
	return r.on()
}

func (r *receiver) stop() { r.off() }

// use makes the ledger that of what comes from now on; nil: nobody checks.
func (r *receiver) use(l *ledger) { r.ledger.Store(l) }

// url is that of an App's backend.
func (r *receiver) url(index int) string {
	return "http://" + r.fronts[index%len(r.fronts)].address + "/callback"
}

// backend answers callbacks while the receiver is on.
type backend struct {
	receiver *receiver
	release  chan struct{}
}

// ServeHTTP implements [http.Handler].
func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if l := b.receiver.ledger.Load(); l != nil {
		a, err := readArrival(r, body)
		if err != nil {
			l.reject(err)
		} else if !b.obey(w, r, l.arrive(a), a.wait) {
			return
		}
	}
	h := w.Header()
	h["Content-Type"] = okType
	_, _ = io.WriteString(w, okAnswer)
}

// obey does what the ledger wants before an answer; false: there is no more to say.
func (b *backend) obey(w http.ResponseWriter, r *http.Request, v verdict, wait time.Duration) bool {
	switch {
	case v == silence:
		b.hang(r.Context())
	case v == refuse:
		http.Error(w, "the App backend is out of order", http.StatusInternalServerError)
		return false
	case wait > 0:
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-b.release:
		case <-r.Context().Done():
		}
	}
	return true
}

// hang waits until the caller gives up, and breaks the connection off.
func (b *backend) hang(ctx context.Context) {
	limit := time.NewTimer(hangLimit)
	defer limit.Stop()
	select {
	case <-ctx.Done():
	case <-b.release:
	case <-limit.C:
	}
	panic(http.ErrAbortHandler) // how net/http is told to close without an answer
}

var errTooLong = errors.New("the body is longer than any callback")

// readBody reads as much as was announced, which is checked first. Callbacks always announce.
func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength < 0 || r.ContentLength > bodyLimit {
		return nil, errTooLong
	}
	body := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, body)
	return body, err
}

// readArrival takes the numbers out of the headers, and the SDKAppID out of the URL.
func readArrival(r *http.Request, body []byte) (*arrival, error) {
	h := numbers{header: r.Header}
	a := &arrival{
		at: time.Now(), body: body,
		id: h.text(callback.HeaderEventID), log: h.text(callback.HeaderLog), lane: h.text(callback.HeaderLane),
		seq: h.number(callback.HeaderSeq), prev: h.number(callback.HeaderPrev),
		roomSeq: h.number(callback.HeaderRoomSeq), roomPrev: h.number(callback.HeaderRoomPrev),
		attempt: int(h.number(callback.HeaderAttempt)), replay: r.Header.Get(callback.HeaderReplay) == "true",
	}
	app, err := strconv.ParseUint(r.URL.Query().Get("SdkAppid"), 10, 32)
	a.app = uint32(app)
	return a, errors.Join(h.err, err)
}

// numbers reads headers and keeps the first error.
type numbers struct {
	header http.Header
	err    error
}

func (n *numbers) text(name string) string {
	if values := n.header[name]; len(values) == 1 {
		return values[0]
	}
	n.err = errors.New("a callback has no " + name)
	return ""
}

func (n *numbers) number(name string) int64 {
	value, err := strconv.ParseInt(n.text(name), 10, 64)
	if err != nil && n.err == nil {
		n.err = err
	}
	return value
}
