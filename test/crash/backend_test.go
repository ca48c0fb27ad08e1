package crash

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/callboard/callboard/callback"
)

// backend is the App backend of the tests: the public receiver behind a recorder. It outlives every process.
type backend struct {
	door     *door
	receiver *callback.Handler
	recorder *recorder
	temper   *temper

	mu       sync.Mutex
	accepted map[string]bool // the causes of which a callback was accepted
	news     chan struct{}   // holds a token when there is another one
	problems []string        // what the receiver refused; a few

	cues cues
}

// cues hold a token each when something has just happened that a kill should come close to.
type cues struct {
	grave    chan struct{} // a callback was refused so often that it may be given up
	announce chan struct{} // a callback that tells of a range given up
	again    chan struct{} // a callback that somebody asked for
}

func newCues() cues {
	return cues{make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{}, 1)}
}

func cue(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
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
	b := &backend{recorder: r, temper: mood, accepted: map[string]bool{}, news: make(chan struct{}, 1), cues: newCues()}
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
	b.door = openDoor(t, b)
	return b
}

// breakOut begins an outage.
func (b *backend) breakOut(m mood) {
	if m == refuses {
		b.door.shut()
		return
	}
	b.temper.breakOut(m)
}

// recover ends an outage.
func (b *backend) recover() error {
	b.temper.breakOut(accepting)
	return b.door.open()
}

// well tells that there is no outage.
func (b *backend) well() bool { return b.temper.well() && b.door.isOpen() }

// ServeHTTP lets the receiver judge a callback and answers as the mood is.
func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		panic(http.ErrAbortHandler) // the process was killed while it sent
	}
	v := &visit{}
	again, grave := r.Header.Get(callback.HeaderReplay) != "", false
	v.mood, grave = b.temper.next(r.Header.Get(callback.HeaderEventID), again)
	inner := r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
	inner.Body = io.NopCloser(bytes.NewReader(body))
	rec := httptest.NewRecorder()
	b.receiver.ServeHTTP(rec, inner)
	if v.arrival == nil {
		b.complain(fmt.Sprintf("the receiver refused a callback with %d %s: %s", rec.Code, rec.Body, body))
	}
	if again {
		cue(b.cues.again)
	}
	if grave {
		cue(b.cues.grave)
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
		again: d.Replay, skip: span{d.SkippedFrom, d.SkippedTo},
		change: c, time: at, body: sha256.Sum256(d.Body),
	}
	if d.Skipped != "" {
		cue(b.cues.announce)
		if v.arrival.skip.to == 0 {
			b.complain("the header " + callback.HeaderSkipped + " is not understood: " + d.Skipped)
		}
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
	case hangs, ignores:
		wait(r.Context(), 5*time.Second)
		panic(http.ErrAbortHandler)
	case accepts, drops:
		panic(http.ErrAbortHandler)
	case resets:
		reset(w)
		return
	case breaks:
		http.Error(w, "broken", http.StatusInternalServerError)
		return
	case gone:
		http.Error(w, "gone", http.StatusGone)
		return
	case later:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "later", http.StatusServiceUnavailable)
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

// reset ends a connection the hard way.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // the connection may be gone already
	}
	_ = conn.Close()
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

// awaitAny returns true when a callback of one of the causes was accepted, false when ctx has ended.
func (b *backend) awaitAny(ctx context.Context, causes []string) bool {
	for b.missing(causes) == len(causes) {
		select {
		case <-b.news:
		case <-ctx.Done():
			return false
		}
	}
	return true
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
