package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/callboard/callboard/internal/eventlog"
)

// passSpec is the order of a pass-through: it takes the same REST calls as the server, posts the same callbacks, and
// answers a call when its callback was answered. It checks nothing and stores nothing.
type passSpec struct {
	Client   string // clientShipped or clientFastHTTP, which also says what takes the calls
	URL      string
	InFlight int
}

type passResult struct{ Address string }

// passThrough makes the callback of each call.
type passThrough struct {
	posters chan poster

	mu    sync.Mutex
	seq   int64
	lanes map[string]*eventlog.LaneState
}

// passedAnswer is as long as the server's.
const passedAnswer = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RequestId":"` + causeSample + `"}`

func runPass(ctx context.Context, order []byte, out *json.Encoder) error {
	var spec passSpec
	if err := json.Unmarshal(order, &spec); err != nil {
		return err
	}
	posters, closeAll, err := newPosters(spec.Client, spec.URL, spec.InFlight)
	if err != nil {
		return err
	}
	defer closeAll()
	p := &passThrough{posters: make(chan poster, len(posters)), lanes: map[string]*eventlog.LaneState{}}
	for _, one := range posters {
		p.posters <- one
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a local address is bound at once
	if err != nil {
		return err
	}
	serve, stop := p.netServer()
	if spec.Client == clientFastHTTP {
		serve, stop = p.fastServer()
	}
	failed := make(chan error, 1)
	go func() { failed <- serve(l) }()
	if err = out.Encode(passResult{Address: l.Addr().String()}); err == nil {
		select {
		case <-ctx.Done():
		case err = <-failed:
			return fmt.Errorf("serve: %w", err)
		}
	}
	err = errors.Join(err, stop())
	if ended := <-failed; ended != nil && !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

func (p *passThrough) netServer() (serve func(net.Listener) error, stop func() error) {
	s := &http.Server{
		ReadHeaderTimeout: callTimeout, ReadTimeout: 2 * callTimeout, WriteTimeout: 3 * callTimeout, IdleTimeout: 2 * time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := readBody(r)
			if err == nil {
				err = p.pass(r.Context(), body)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			w.Header()["Content-Type"] = okType
			_, _ = w.Write([]byte(passedAnswer))
		}),
	}
	return s.Serve, s.Close
}

func (p *passThrough) fastServer() (serve func(net.Listener) error, stop func() error) {
	s := &fasthttp.Server{
		ReadTimeout: 2 * callTimeout, WriteTimeout: 3 * callTimeout, IdleTimeout: 2 * time.Minute, MaxRequestBodySize: bodyLimit,
		CloseOnShutdown: true,
		Handler: func(r *fasthttp.RequestCtx) {
			if err := p.pass(r, r.PostBody()); err != nil {
				r.Error(err.Error(), fasthttp.StatusBadGateway)
				return
			}
			r.SetContentType("application/json")
			r.SetBodyString(passedAnswer)
		},
	}
	return s.Serve, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		return s.ShutdownWithContext(ctx)
	}
}

var errNoChange = errors.New("the body is no change of administrators")

// pass posts the callback of one call and returns when it was answered.
func (p *passThrough) pass(ctx context.Context, body []byte) error {
	room, account := string(field(body, `"RoomId":"`)), string(field(body, `"Admin_Account":["`))
	if room == "" || account == "" {
		return errNoChange
	}
	e := p.event(room, toggle{account: account, gone: string(field(body, `"OpType":"`)) == "delete"})
	one := <-p.posters // there are as many as clients
	defer func() { p.posters <- one }()
	return one.post(ctx, e)
}

// event gives the change its numbers.
func (p *passThrough) event(room string, t toggle) *eventlog.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	lane := p.lanes[room]
	if lane == nil {
		lane = &eventlog.LaneState{}
		p.lanes[room] = lane
	}
	return t.event(room, lane, p.seq, time.Now())
}
