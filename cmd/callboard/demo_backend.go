package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"sync"
	"time"

	"github.com/callboard/callboard/callback"
)

// demoBackend is the sample App backend of the demo: the public receiver, behind a recorder. It can be stopped and
// started again on the same address.
type demoBackend struct {
	address  string
	arrivals chan arrival
	receiver *callback.Handler

	server  *http.Server
	serving sync.WaitGroup

	mu   sync.Mutex
	seen map[string]int64     // last Room-Seq by log and lane
	last map[string]*delivery // what the receiver handed over, by event id
}

type delivery struct {
	callback.Delivery
	repeat bool
}

// arrival is one callback as it came over the wire, with what the receiver made of it.
type arrival struct {
	callback.Delivery
	raw     []byte // request line and headers
	body    []byte
	handled bool // the receiver's checks passed and its function was called
	repeat  bool
	status  int
	answer  []byte
}

func startDemoBackend(ctx context.Context) (*demoBackend, error) {
	b := &demoBackend{
		address: "127.0.0.1:0", arrivals: make(chan arrival, 64), seen: map[string]int64{}, last: map[string]*delivery{},
	}
	b.receiver = &callback.Handler{SDKAppID: demoApp, Token: demoToken, OnModifyAdmin: b.onModifyAdmin}
	return b, b.start(ctx)
}

func (b *demoBackend) url() string { return "http://" + b.address + "/callback" }

func (b *demoBackend) start(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", b.address)
	if err != nil {
		return err
	}
	b.address = l.Addr().String()
	b.server = &http.Server{Handler: http.HandlerFunc(b.record), ReadHeaderTimeout: time.Second}
	b.serving.Go(func() { _ = b.server.Serve(l) })
	return nil
}

func (b *demoBackend) stop() error {
	err := b.server.Close()
	b.serving.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// onModifyAdmin is what an App backend writes: it ignores repeats by log, lane and number.
func (b *demoBackend) onModifyAdmin(_ context.Context, d callback.Delivery, _ callback.ModifyAdmin) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	lane := d.Log + " " + d.Lane
	repeat := d.RoomSeq <= b.seen[lane]
	b.seen[lane] = max(b.seen[lane], d.RoomSeq)
	b.last[d.EventID] = &delivery{d, repeat}
	return nil
}

// record lets the receiver answer and keeps the whole exchange.
func (b *demoBackend) record(w http.ResponseWriter, r *http.Request) {
	raw, err := httputil.DumpRequest(r, true)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	rec := httptest.NewRecorder()
	b.receiver.ServeHTTP(rec, r)
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	a := arrival{raw: head, body: body, status: rec.Code, answer: rec.Body.Bytes()}
	b.mu.Lock()
	if d := b.last[r.Header.Get(callback.HeaderEventID)]; d != nil {
		a.Delivery, a.repeat, a.handled = d.Delivery, d.repeat, true
	}
	b.mu.Unlock()
	w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(a.answer)
	select {
	case b.arrivals <- a:
	default: // nobody reads: the show is over
	}
}
