package crash

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/callboard/callboard/callback"
)

// backend is the App backend of the tests: the public receiver behind a recorder. It outlives every process.
type backend struct {
	server   *httptest.Server
	receiver *callback.Handler
	recorder *recorder
	temper   *temper

	mu       sync.Mutex
	accepted map[string]bool // the causes of which a callback was accepted
	news     chan struct{}   // holds a token when there is another one
	problems []string        // what the receiver refused; a few
}

// visit is what the receiver's functions find out about one request.
type visit struct {
	mood    mood
	arrival *arrival // nil until a function was called
}

type visitKey struct{}

var errMood = errors.New("the App backend is in a bad mood")

func startBackend(t *testing.T, r *recorder, mood *temper) *backend {
	t.Helper()
	b := &backend{recorder: r, temper: mood, accepted: map[string]bool{}, news: make(chan struct{}, 1)}
	b.receiver = &callback.Handler{
		SDKAppID: sdkAppID, Token: token, ErrorLog: slog.New(slog.DiscardHandler),
		OnModifyAdmin: func(ctx context.Context, d callback.Delivery, p callback.ModifyAdmin) error {
			c := change{Room: p.RoomID, Operator: string(p.OperatorAccount), Op: p.OpType}
			for _, a := range p.AdminAccounts {
				c.Accounts = append(c.Accounts, string(a))
			}
			return b.take(ctx, d, c, p.EventTime)
		},
		OnChangeOwner: func(ctx context.Context, d callback.Delivery, p callback.ChangeOwner) error {
			return b.take(ctx, d, change{
				Room: p.RoomID, Operator: string(p.OperatorAccount),
				Owner: string(p.CurrentOwnerAccount), Original: string(p.OriginalOwnerAccount),
			}, p.EventTime)
		},
		OnCreateRoom: func(ctx context.Context, d callback.Delivery, p callback.CreateRoom) error {
			return b.take(ctx, d, change{
				Room: p.RoomInfo.RoomID, Operator: string(p.OperatorAccount), Owner: string(p.RoomInfo.OwnerAccount),
			}, p.EventTime)
		},
		OnDestroyRoom: func(ctx context.Context, d callback.Delivery, p callback.DestroyRoom) error {
			return b.take(ctx, d, change{
				Room: p.RoomID, Operator: string(p.OperatorAccount), Owner: string(p.RoomInfo.OwnerAccount),
			}, p.EventTime)
		},
		// Not subscribed: the check finds no call that could have caused them.
		OnOther: func(ctx context.Context, d callback.Delivery) error { return b.take(ctx, d, change{}, 0) },
		OnUpdateRoomInfo: func(ctx context.Context, d callback.Delivery, p callback.UpdateRoomInfo) error {
			return b.take(ctx, d, change{Room: p.RoomInfo.RoomID}, p.EventTime)
		},
	}
	b.server = httptest.NewServer(b)
	t.Cleanup(b.server.Close)
	return b
}

// ServeHTTP lets the receiver judge a callback and answers as the mood is.
func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		panic(http.ErrAbortHandler) // the process was killed while it sent
	}
	v := &visit{mood: b.temper.next(r.Header.Get(callback.HeaderEventID))}
	inner := r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
	inner.Body = io.NopCloser(bytes.NewReader(body))
	rec := httptest.NewRecorder()
	b.receiver.ServeHTTP(rec, inner)
	if v.arrival == nil {
		b.complain(fmt.Sprintf("the receiver refused a callback with %d %s: %s", rec.Code, rec.Body, body))
	}
	b.answer(w, r, rec, v)
}

// take is what the App backend does with a callback.
func (b *backend) take(ctx context.Context, d callback.Delivery, c change, at callback.Millis) error {
	v, ok := ctx.Value(visitKey{}).(*visit)
	if !ok {
		return errors.New("a callback without a visit")
	}
	c.Command = d.Command
	v.arrival = &arrival{
		head: head{
			ID: d.EventID, Log: d.Log, Lane: d.Lane, Cause: d.Cause, State: d.RoomState,
			Seq: d.Seq, Prev: d.Prev, RoomSeq: d.RoomSeq, RoomPrev: d.RoomPrev,
		},
		change: c, time: at, body: sha256.Sum256(d.Body),
	}
	b.recorder.arrived(v.arrival)
	if !v.mood.takes() {
		return errMood
	}
	return nil
}

func (b *backend) answer(w http.ResponseWriter, r *http.Request, rec *httptest.ResponseRecorder, v *visit) {
	switch v.mood {
	case slow:
		wait(r.Context(), 30*time.Millisecond)
	case hangs:
		wait(r.Context(), 5*time.Second)
		panic(http.ErrAbortHandler)
	case accepts, drops:
		panic(http.ErrAbortHandler)
	case breaks:
		http.Error(w, "broken", http.StatusInternalServerError)
		return
	}
	if v.mood.takes() && v.arrival != nil {
		b.recorder.accept(v.arrival)
		b.tell(v.arrival.head.Cause)
	}
	w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes()) // a process that was killed does not read it
}

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (b *backend) tell(cause string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accepted[cause] = true
	select {
	case b.news <- struct{}{}:
	default:
	}
}

// await returns when a callback of each cause was accepted; one goroutine may wait.
func (b *backend) await(ctx context.Context, causes []string) error {
	for {
		missing := b.missing(causes)
		if missing == 0 {
			return nil
		}
		select {
		case <-b.news:
		case <-ctx.Done():
			return fmt.Errorf("the callbacks of %d of %d calls were not accepted: %w", missing, len(causes), ctx.Err())
		}
	}
}

func (b *backend) missing(causes []string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, cause := range causes {
		if !b.accepted[cause] {
			n++
		}
	}
	return n
}

func (b *backend) complain(text string) {
	const most = 10
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.problems) < most {
		b.problems = append(b.problems, text)
	}
}
