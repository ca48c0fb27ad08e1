package bench

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/callboard/callboard/usersig"
)

// fleet are clients of the REST API that make and unmake administrators in the rooms of one App. The HTTP client is the
// leanest there is, because what the load takes is missing to what is measured.
//
// A room is used by one call at a time, so that each call that succeeds is a change and has a callback.
type fleet struct {
	client *fasthttp.HostClient
	url    string
	kind   byte // of account names
	free   chan *room
	next   *atomic.Int64 // account; shared by fleets whose calls are timed together
	times  *timeline     // nil: not timed

	done    atomic.Int64 // changes that were answered OK
	unknown atomic.Int64 // calls that were not
	mu      sync.Mutex
	first   string // what the first of those got
}

// room is a room and the administrator that it has.
type room struct {
	name    string
	account int64
	has     bool
}

// secretKey signs UserSigs in a measurement. It protects nothing.
const secretKey = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"

const callTimeout = 10 * time.Second

// newHostClient returns a client for a server on this machine. It repeats nothing: a call is a change.
func newHostClient(address string, conns int) *fasthttp.HostClient {
	return &fasthttp.HostClient{
		Addr: address, MaxConns: conns, MaxIdleConnDuration: time.Minute, MaxIdemponentCallAttempts: 1,
		ReadTimeout: callTimeout, WriteTimeout: callTimeout, MaxResponseBodySize: 64 << 10,
		NoDefaultUserAgentHeader: true, DisablePathNormalizing: true,
	}
}

// newFleet has the rooms 0 to rooms-1 of the App with that index.
func newFleet(client *fasthttp.HostClient, app, rooms int) (*fleet, error) {
	sig, err := signature(app)
	if err != nil {
		return nil, err
	}
	f := &fleet{
		client: client, kind: silentAccount, free: make(chan *room, rooms), next: new(atomic.Int64),
		url: callURL(client.Addr, "modify_admin", app, sig),
	}
	for i := range rooms {
		f.free <- &room{name: roomName(i)}
	}
	return f, nil
}

// signature is the UserSig of an App's administrator.
func signature(app int) (string, error) {
	return usersig.New(secretKey, usersig.Claims{
		SDKAppID: uint32(appID(app)), Identifier: administrator, Expire: 24 * time.Hour,
	})
}

// callURL is that of a REST call; a random number is still to follow.
func callURL(address, call string, app int, sig string) string {
	return fmt.Sprintf("http://%s/v4/live_engine_http_srv/%s?sdkappid=%d&identifier=%s&usersig=%s&contenttype=json&random=",
		address, call, appID(app), administrator, sig)
}

// timed makes the arrival of every change count in the timeline.
func (f *fleet) timed(t *timeline, next *atomic.Int64) {
	f.kind, f.times, f.next = timedAccount, t, next
}

// settle takes the administrators of all rooms away. No call may be under way.
func (f *fleet) settle() {
	for range len(f.free) {
		if r := <-f.free; r.has {
			f.toggle(r, time.Now())
		} else {
			f.free <- r
		}
	}
}

// change makes one call that was to be made at the given time, in a room that is free.
func (f *fleet) change(ctx context.Context, intended time.Time) {
	select {
	case r := <-f.free:
		f.toggle(r, intended)
	case <-ctx.Done():
	}
}

// toggle makes the next change of a room and gives it back. A room whose call failed is not used again: nobody knows who
// is its administrator.
func (f *fleet) toggle(r *room, intended time.Time) {
	t := toggle{gone: r.has}
	if !r.has {
		r.account = f.next.Add(1)
	}
	t.account = accountName(f.kind, r.account)
	k := key(r.account, t.gone)
	if f.times != nil {
		f.times.intend(k, intended)
	}
	if err := post(f.client, f.url+strconv.FormatInt(f.done.Load(), 10), t.request(r.name)); err != nil {
		f.fail(err)
		if f.times != nil {
			f.times.intended[k].Store(0) // it may never be reported
		}
		return
	}
	f.done.Add(1)
	r.has = !r.has
	f.free <- r
}

func (f *fleet) fail(err error) {
	f.unknown.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.first == "" {
		f.first = err.Error()
	}
}

// problems tells of calls that were not answered OK.
func (f *fleet) problems() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.unknown.Load(); n > 0 {
		return []string{fmt.Sprintf("%d of %d calls were not answered OK; the first: %s", n, n+f.done.Load(), f.first)}
	}
	return nil
}

var codeOK = []byte(`"ErrorCode":0,`)

// post makes one call; nil: it was answered OK.
func post(client *fasthttp.HostClient, url string, body []byte) error {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/json")
	req.SetRequestURI(url)
	req.SetBodyRaw(body)
	if err := client.Do(req, resp); err != nil {
		return err
	}
	if resp.StatusCode() != fasthttp.StatusOK || !bytes.Contains(resp.Body(), codeOK) {
		return fmt.Errorf("status %d: %.200s", resp.StatusCode(), resp.Body())
	}
	return nil
}
