//go:build unix

package acceptance

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/callboard/callboard/callback"
)

// backend is an App backend. It takes callbacks with the public receiver and hands each that it accepts to the test,
// in the order of arrival.
type backend struct {
	url     string
	arrived chan callback.Delivery // accepted
	hanging chan struct{}          // one for each request that is left without an answer, as far as there is room
	closing chan struct{}

	mu   sync.Mutex
	mode mode
}

// mode is what the App backend does with a callback.
type mode int

const (
	accepts mode = iota
	fails        // HTTP 500
	hangs        // no answer until the sender leaves
	refuses      // HTTP 500 to what is about refusedRoom; the rest is accepted
)

const refusedRoom = "refused"

// newBackend starts an App backend, which checks Sign if there is a token, and signatures if there are secrets.
func newBackend(t *testing.T, token string, m mode, secrets ...string) *backend {
	t.Helper()
	b := &backend{
		arrived: make(chan callback.Delivery, 1024), hanging: make(chan struct{}, 16), closing: make(chan struct{}), mode: m,
	}
	h := &callback.Handler{
		SDKAppID: sdkAppID, Token: token, SigningSecrets: secrets, ErrorLog: slog.New(slog.DiscardHandler),
		OnModifyAdmin:    func(_ context.Context, d callback.Delivery, _ callback.ModifyAdmin) error { return b.take(d) },
		OnChangeOwner:    func(_ context.Context, d callback.Delivery, _ callback.ChangeOwner) error { return b.take(d) },
		OnCreateRoom:     func(_ context.Context, d callback.Delivery, _ callback.CreateRoom) error { return b.take(d) },
		OnDestroyRoom:    func(_ context.Context, d callback.Delivery, _ callback.DestroyRoom) error { return b.take(d) },
		OnUpdateRoomInfo: func(_ context.Context, d callback.Delivery, _ callback.UpdateRoomInfo) error { return b.take(d) },
		OnRoomThreshold:  func(_ context.Context, d callback.Delivery, _ callback.RoomThreshold) error { return b.take(d) },
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.serve(h, w, r) }))
	t.Cleanup(func() {
		close(b.closing)
		s.Close()
	})
	b.url = s.URL + "/callback"
	return b
}

func (b *backend) take(d callback.Delivery) error {
	b.arrived <- d
	return nil
}

func (b *backend) serve(h http.Handler, w http.ResponseWriter, r *http.Request) {
	switch b.now() {
	case accepts:
		h.ServeHTTP(w, r)
	case refuses:
		if r.Header.Get(callback.HeaderLane) != refusedRoom {
			h.ServeHTTP(w, r)
			return
		}
		http.Error(w, "not this room", http.StatusInternalServerError)
	case fails:
		http.Error(w, "out of order", http.StatusInternalServerError)
	case hangs:
		select {
		case b.hanging <- struct{}{}:
		default:
		}
		<-b.closing // the sender leaves long before
	}
}

func (b *backend) now() mode {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.mode
}

func (b *backend) set(m mode) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mode = m
}

// next waits for the next callback.
func (b *backend) next(t *testing.T) callback.Delivery {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case d := <-b.arrived:
		return d
	case <-limit.C:
		t.Fatal("no callback arrived")
	}
	return callback.Delivery{}
}

// hung waits until a callback is left without an answer.
func (b *backend) hung(t *testing.T) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case <-b.hanging:
	case <-limit.C:
		t.Fatal("no callback was sent")
	}
}
