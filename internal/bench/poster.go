package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/wire"
)

// newPosters returns n posters that share connections, and what closes those.
func newPosters(client, to string, n int) ([]poster, func(), error) {
	posters := make([]poster, n)
	switch client {
	case clientShipped:
		s := egress.NewSender(egress.Options{Guard: egress.NewGuard(egress.GuardOptions{Loopback: true})})
		for i := range posters {
			posters[i] = shippedPoster{sender: s, url: to}
		}
		return posters, s.Close, nil
	case clientNetHTTP:
		c := &http.Client{Timeout: callTimeout, Transport: &http.Transport{
			MaxIdleConns: n, MaxIdleConnsPerHost: n, DisableCompression: true, IdleConnTimeout: time.Minute,
		}}
		for i := range posters {
			posters[i] = netPoster{client: c, url: to}
		}
		return posters, c.CloseIdleConnections, nil
	case clientFastHTTP:
		u, err := url.Parse(to)
		if err != nil {
			return nil, nil, err
		}
		c := newHostClient(u.Host, n)
		for i := range posters {
			posters[i] = &fastPoster{client: c, url: to}
		}
		return posters, c.CloseIdleConnections, nil
	}
	return nil, nil, fmt.Errorf("there is no client %q", client)
}

func notOK(status int, body []byte) error {
	return fmt.Errorf("the App backend answered %d: %.100s", status, body)
}

// shippedPoster posts as the server does.
type shippedPoster struct {
	sender *egress.Sender
	url    string
}

func (p shippedPoster) post(ctx context.Context, e *eventlog.Event) error {
	a := p.sender.Send(ctx, egress.Request{
		URL: wire.URL(p.url, firstApp, e, "", time.Now()), Header: wire.Header(firstApp, logSample, e, wire.Attempt{Number: 1}), Body: e.Body, Timeout: callTimeout,
	})
	if a.Failure != egress.None {
		return a.Err
	}
	if a.Status != http.StatusOK {
		return notOK(a.Status, a.Body)
	}
	return nil
}

// netPoster is the least that net/http takes.
type netPoster struct {
	client *http.Client
	url    string
}

func (p netPoster) post(ctx context.Context, e *eventlog.Event) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, wire.URL(p.url, firstApp, e, "", time.Now()), bytes.NewReader(e.Body))
	if err != nil {
		return err
	}
	req.Header = wire.Header(firstApp, logSample, e, wire.Attempt{Number: 1})
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return notOK(resp.StatusCode, answer)
	}
	return nil
}

// fastPoster posts with fasthttp, which builds its headers in place.
type fastPoster struct {
	client *fasthttp.HostClient
	url    string
	req    fasthttp.Request
	resp   fasthttp.Response
}

func (p *fastPoster) post(_ context.Context, e *eventlog.Event) error {
	p.req.Reset()
	p.resp.Reset()
	p.req.Header.SetMethod(fasthttp.MethodPost)
	p.req.SetRequestURI(wire.URL(p.url, firstApp, e, "", time.Now()))
	setHeader(&p.req.Header, e)
	p.req.SetBodyRaw(e.Body)
	if err := p.client.Do(&p.req, &p.resp); err != nil {
		return err
	}
	if p.resp.StatusCode() != fasthttp.StatusOK {
		return notOK(p.resp.StatusCode(), p.resp.Body())
	}
	return nil
}

// setHeader sets what [wire.Header] returns, without a map in between; a test holds the two together.
func setHeader(h *fasthttp.RequestHeader, e *eventlog.Event) {
	number := func(name string, n int64) { h.Set(name, strconv.FormatInt(n, 10)) }
	h.SetContentType("application/json")
	h.SetUserAgent("Callboard")
	h.Set(callback.HeaderEventID, wire.EventID(firstApp, logSample, e.Seq))
	h.Set(callback.HeaderLog, logSample)
	number(callback.HeaderSeq, e.Seq)
	number(callback.HeaderPrev, e.Prev)
	h.Set(callback.HeaderLane, string(e.Lane))
	number(callback.HeaderRoomSeq, e.RoomSeq)
	number(callback.HeaderRoomPrev, e.RoomPrev)
	h.Set(callback.HeaderRoomState, e.RoomState)
	h.Set(callback.HeaderAttempt, "1")
	h.Set(callback.HeaderCause, e.Cause)
}
