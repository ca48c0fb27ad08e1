package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"

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
	last map[string]*delivery // what the receiver handed over and record has not taken yet, by event id
}

type delivery struct {
	callback.Delivery
	repeat bool
}

// arrival is one callback as it came over the wire, with what the receiver made of it.
type arrival struct {
	callback.Delivery
	head    []byte // request line and headers, as they came
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
	b.server = &http.Server{
		Handler: http.HandlerFunc(b.record), ConnContext: withWire,
		ReadTimeout: demoPatience, WriteTimeout: demoPatience, MaxHeaderBytes: maxWire,
	}
	b.server.SetKeepAlivesEnabled(false) // so that what a connection brings is one request
	server := b.server
	b.serving.Go(func() { _ = server.Serve(recordingListener{l}) })
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
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWire))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	rec := httptest.NewRecorder()
	b.receiver.ServeHTTP(rec, r)
	a := arrival{status: rec.Code, answer: rec.Body.Bytes()}
	a.head, a.body, _ = bytes.Cut(wireOf(r.Context()), []byte("\r\n\r\n"))
	b.mu.Lock()
	id := r.Header.Get(callback.HeaderEventID)
	if d := b.last[id]; d != nil {
		a.Delivery, a.repeat, a.handled = d.Delivery, d.repeat, true
		delete(b.last, id)
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
