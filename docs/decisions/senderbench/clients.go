package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/callboard/callboard/internal/egress"
)

// The clients.
const (
	shipped = "shipped"  // egress.Sender
	plain   = "net/http" // without what egress adds, HTTP/1.1
	fast    = "fasthttp"
	own     = "own HTTP/1.1" // see ownClient
	http2   = "net/http, HTTP/2"
)

const (
	timeout   = 5 * time.Second
	maxAnswer = 64 << 10
)

func newClients(order sendOrder) ([]client, error) {
	config, err := trust(order.Receiver.CA)
	if err != nil {
		return nil, err
	}
	var one client
	switch order.Setup.Client {
	case shipped:
		guard := egress.NewGuard(egress.GuardOptions{Loopback: true})
		one = shippedClient{egress.NewSender(egress.Options{Guard: guard}), egress.TLSFiles{CA: order.Receiver.CA}}
	case plain:
		one = newNetClient(config, false)
	case http2:
		one = newNetClient(config, true)
	case own:
		one = newOwnClient(config)
	case fast:
		return newFastClients(order, config), nil
	default:
		return nil, fmt.Errorf("there is no client %q", order.Setup.Client)
	}
	clients := make([]client, inFlight)
	for i := range clients {
		clients[i] = one
	}
	return clients, nil
}

func trust(file string) (*tls.Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12, ServerName: "127.0.0.1"}
	if !config.RootCAs.AppendCertsFromPEM(text) {
		return nil, errors.New("no certificate in the receiver's file")
	}
	return config, nil
}

func check(status int, answer []byte) error {
	if status != http.StatusOK || string(answer) != okAnswer {
		return fmt.Errorf("the answer was %d: %.100s", status, answer)
	}
	return nil
}

type shippedClient struct {
	sender *egress.Sender
	tls    egress.TLSFiles
}

func (c shippedClient) post(url string, header http.Header, body []byte) error {
	a := c.sender.Send(context.Background(), egress.Request{URL: url, Header: header, Body: body, Timeout: timeout, TLS: c.tls})
	if a.Err != nil {
		return a.Err
	}
	return check(a.Status, a.Body)
}

// netClient is the least that net/http takes, with a timeout.
type netClient struct{ client *http.Client }

func newNetClient(config *tls.Config, two bool) netClient {
	transport := &http.Transport{
		MaxIdleConns: inFlight, MaxIdleConnsPerHost: inFlight, DisableCompression: true, IdleConnTimeout: time.Minute,
		TLSClientConfig: config, Protocols: new(http.Protocols), ForceAttemptHTTP2: two,
	}
	transport.Protocols.SetHTTP1(!two)
	transport.Protocols.SetHTTP2(two)
	transport.Protocols.SetUnencryptedHTTP2(two)
	return netClient{&http.Client{Timeout: timeout, Transport: transport}}
}

func (c netClient) post(url string, header http.Header, body []byte) error {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = header
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	return check(response.StatusCode, answer)
}

// fastClient builds its request in place.
type fastClient struct {
	client   *fasthttp.HostClient
	request  fasthttp.Request
	response fasthttp.Response
}

func newFastClients(order sendOrder, config *tls.Config) []client {
	host := &fasthttp.HostClient{
		Addr: order.Receiver.Plain, MaxConns: inFlight, MaxIdleConnDuration: time.Minute, MaxIdemponentCallAttempts: 1,
		MaxResponseBodySize: maxAnswer, DisablePathNormalizing: true, TLSConfig: config,
	}
	if order.Setup.Scheme == "https" {
		host.Addr, host.IsTLS = order.Receiver.Secure, true
	}
	clients := make([]client, inFlight)
	for i := range clients {
		clients[i] = &fastClient{client: host}
	}
	return clients
}

func (c *fastClient) post(url string, header http.Header, body []byte) error {
	c.request.Reset()
	c.response.Reset()
	c.request.Header.SetMethod(fasthttp.MethodPost)
	c.request.SetRequestURI(url)
	for name, values := range header {
		c.request.Header.Set(name, values[0])
	}
	c.request.SetBodyRaw(body)
	if err := c.client.DoTimeout(&c.request, &c.response, timeout); err != nil {
		return err
	}
	return check(c.response.StatusCode(), c.response.Body())
}
