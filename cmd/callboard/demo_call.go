package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
)

// stay keeps both up, says what to try, and prints what arrives.
func (d *demo) stay(ctx context.Context) error {
	sig, err := d.sign()
	if err != nil {
		return err
	}
	d.out.line("\nBoth stay up until Ctrl-C. Try this in another terminal, and watch the callback arrive here:\n")
	for _, call := range []struct{ service, command, body string }{
		{"live_engine_http_srv", "modify_admin", `{"RoomId":"` + demoRoom + `","Admin_Account":["alice"],"OpType":"delete"}`},
		{"live_engine_http_srv", "get_admin_list", `{"RoomId":"` + demoRoom + `"}`},
		{"live_config", "get_callback", `{}`},
	} {
		d.out.line("curl -s '%s/v4/%s/%s?sdkappid=%d&identifier=%s&usersig=%s&random=1&contenttype=json' -d '%s'\n",
			d.url, call.service, call.command, demoApp, demoAdministrator, sig, call.body)
	}
	d.out.line("curl -s %s/metrics | grep ^callboard\n", d.url)
	for {
		select {
		case a := <-d.app.arrivals:
			d.out.arrival(a)
		case <-ctx.Done():
			return nil
		}
	}
}

// tracer prints every call with its answer.
type tracer struct{ out *printer }

// RoundTrip implements [http.RoundTripper].
func (t *tracer) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	t.out.call(r.URL.Path, sent, answer)
	return resp, nil
}
