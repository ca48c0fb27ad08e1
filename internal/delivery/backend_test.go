package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/egress"
)

// backend is the App backend: it notes every request and answers as it is told.
type backend struct {
	mu      sync.Mutex
	answer  func(call) reply
	calls   []call
	taken   int
	flying  map[string]int // by key
	most    int            // in flight at one time
	overlap []string       // keys that had two in flight
}

// call is one request.
type call struct {
	egress.Request
	At       time.Time
	App      string
	Lane     string
	RoomSeq  int
	Attempt  int
	InFlight int // with this one
}

// String is the n-th change of a room, with the number of the attempt unless it is the first: "r1.2#3". Making the room is
// change 0.
func (c call) String() string {
	text := c.Lane + "." + strconv.Itoa(c.RoomSeq-1)
	if c.Attempt != 1 {
		text += "#" + strconv.Itoa(c.Attempt)
	}
	return text
}

// reply ends a call.
type reply func(ctx context.Context, r egress.Request) egress.Answer

func newBackend() *backend {
	return &backend{flying: map[string]int{}, answer: func(call) reply { return accept }}
}

// reply sets what every call from now on is answered by; an answer that is nil: accepted.
func (b *backend) reply(answer func(call) reply) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = answer
}

// Send implements delivery.Sender.
func (b *backend) Send(ctx context.Context, r egress.Request) egress.Answer {
	start := time.Now()
	c, answer := b.enter(r, start)
	a := answer(ctx, r)
	a.Duration = time.Since(start)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flying[c.key()]--
	if b.flying[c.key()] == 0 {
		delete(b.flying, c.key())
	}
	return a
}

func (b *backend) enter(r egress.Request, at time.Time) (call, reply) {
	c := call{Request: r, At: at, Lane: r.Header.Get(callback.HeaderLane)}
	if _, err := fmt.Sscanf(r.Header.Get(callback.HeaderEventID), "%10s-", &c.App); err != nil {
		panic(err)
	}
	c.RoomSeq, c.Attempt = number(r.Header, callback.HeaderRoomSeq), number(r.Header, callback.HeaderAttempt)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flying[c.key()]++
	if b.flying[c.key()] > 1 {
		b.overlap = append(b.overlap, c.key())
	}
	c.InFlight = len(b.flying)
	b.most = max(b.most, len(b.flying))
	b.calls = append(b.calls, c)
	if a := b.answer(c); a != nil {
		return c, a
	}
	return c, accept
}

func number(h http.Header, name string) int {
	n, err := strconv.Atoi(h.Get(name))
	if err != nil {
		panic(name + " is not a number: " + err.Error())
	}
	return n
}

// all are the calls so far.
func (b *backend) all() []call {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls
}

// take returns the calls since it was asked last, those of a lane in their order: lanes have no order between them.
func (b *backend) take() []call {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Clone(b.calls[b.taken:])
	b.taken = len(b.calls)
	slices.SortStableFunc(list, func(x, y call) int { return strings.Compare(x.Lane, y.Lane) })
	return list
}

func names(calls []call) []string {
	var list []string
	for _, c := range calls {
		list = append(list, c.String())
	}
	return list
}

// busy is how many calls are in flight.
func (b *backend) busy() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.flying)
}

// peak is the largest number of calls in flight since it was asked last.
func (b *backend) peak() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.most
	b.most = 0
	return n
}

func accept(context.Context, egress.Request) egress.Answer {
	return egress.Answer{Status: http.StatusOK, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)}
}

func status(code int) reply { return body(code, "") }

func body(code int, text string) reply {
	return func(context.Context, egress.Request) egress.Answer {
		return egress.Answer{Status: code, Body: []byte(text)}
	}
}

// hang never answers.
func hang(ctx context.Context, r egress.Request) egress.Answer {
	return after(r.Timeout, func(context.Context, egress.Request) egress.Answer {
		return egress.Answer{Failure: egress.Timeout, Err: errors.New("timed out waiting for an answer")}
	})(ctx, r)
}

// after replies when some time has passed.
func after(d time.Duration, then reply) reply {
	return func(ctx context.Context, r egress.Request) egress.Answer {
		select {
		case <-ctx.Done():
			return egress.Answer{Failure: egress.Canceled, Err: errors.New("canceled waiting for an answer")}
		case <-time.After(d):
			return then(ctx, r)
		}
	}
}

// lane answers the calls of one lane so, and accepts all others.
func lane(name string, answer reply) func(call) reply {
	return func(c call) reply {
		if c.Lane == name {
			return answer
		}
		return nil
	}
}

// always answers every call so.
func always(answer reply) func(call) reply { return func(call) reply { return answer } }

// key names what may have one call in flight at a time: a lane of a reader.
func (c call) key() string {
	return c.App + "/" + c.to() + "/" + c.Lane + "/" + c.Header.Get(callback.HeaderReplay)
}

// to is the endpoint that is called, empty for the callback URL.
func (c call) to() string {
	rest, ok := strings.CutPrefix(c.URL, "http://endpoint.")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}
