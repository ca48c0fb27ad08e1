package egress

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSendPostsTheBytesItWasGiven(t *testing.T) {
	type seen struct {
		Method, Proto, Host, URI, Body string
		Length                         int64
		Header                         http.Header
	}
	requests := make(chan seen, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- seen{r.Method, r.Proto, r.Host, r.RequestURI, string(body), r.ContentLength, r.Header}
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	tests := []struct {
		name, url string
		header    http.Header
		body      string
		want      seen
	}{
		{
			"callback", server.URL + "/a%2Fb?SdkAppid=1&x=%20#fragment", http.Header{"Callboard-Seq": {"7"}}, `{"A":1}`,
			seen{URI: "/a%2Fb?SdkAppid=1&x=%20", Body: `{"A":1}`, Length: 7, Header: http.Header{"Callboard-Seq": {"7"}, "User-Agent": {"Callboard"}, "Content-Length": {"7"}}},
		},
		{
			"no path, no header, no body", server.URL + "?a=b", nil, "",
			seen{URI: "/?a=b", Header: http.Header{"User-Agent": {"Callboard"}, "Content-Length": {"0"}}},
		},
		{
			"own user agent and user info", "http://me:pass@" + host + "/", http.Header{"User-Agent": {"x"}}, "",
			seen{URI: "/", Header: http.Header{"User-Agent": {"x"}, "Authorization": {"Basic bWU6cGFzcw=="}, "Content-Length": {"0"}}},
		},
		{
			"Authorization before user info", "http://me:pass@" + host + "/", http.Header{"Authorization": {"Bearer x"}}, "",
			seen{URI: "/", Header: http.Header{"User-Agent": {"Callboard"}, "Authorization": {"Bearer x"}, "Content-Length": {"0"}}},
		},
	}
	sender := newTestSender(t, Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.header.Clone()
			answer := sender.Send(t.Context(), Request{URL: tt.url, Header: tt.header, Body: []byte(tt.body), Timeout: patience})
			if answer.Failure != None || answer.Status != 200 || answer.Duration <= 0 {
				t.Fatalf("got %+v, want 200", answer)
			}
			tt.want.Method, tt.want.Proto, tt.want.Host = "POST", "HTTP/1.1", host
			if diff := cmp.Diff(<-requests, tt.want); diff != "" {
				t.Errorf("request (-got +want):\n%s", diff)
			}
			if diff := cmp.Diff(tt.header, before); diff != "" {
				t.Errorf("the caller's header was changed (-got +want):\n%s", diff)
			}
		})
	}
}

func TestAnswerHasStatusBodyAndRetryAfter(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "busy")
	}))
	defer server.Close()
	got := newTestSender(t, Options{}).Send(t.Context(), Request{URL: server.URL, Timeout: patience})
	got.Duration = 0
	want := Answer{Status: 503, Body: []byte("busy"), RetryAfter: 7 * time.Second}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("answer (-got +want):\n%s", diff)
	}
}

func TestRedirectsAreReportedNotFollowed(t *testing.T) {
	var hits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	answer := newTestSender(t, Options{}).Send(t.Context(), Request{URL: server.URL, Timeout: patience})
	if answer.Status != 307 || answer.Failure != None || hits.Load() != 1 {
		t.Errorf("got %+v and %d requests, want 307 and 1", answer, hits.Load())
	}
}

func TestNoProxyIsTakenFromTheEnvironment(t *testing.T) {
	var proxied atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	sender := newTestSender(t, Options{Resolver: resolveTo(t, map[string]string{"app.example": "127.0.0.1"})})
	answer := sender.Send(t.Context(), Request{URL: "http://app.example:" + port, Timeout: patience})
	if answer.Status != 404 || proxied.Load() != 0 {
		t.Errorf("got %+v and %d requests at the proxy, want 404 and 0", answer, proxied.Load())
	}
}

func TestAnswersAreCutAt64KiB(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var size int
		_, _ = fmt.Sscan(r.URL.Query().Get("size"), &size)
		if r.URL.Query().Has("chunked") {
			w.(http.Flusher).Flush()
		}
		_, _ = io.WriteString(w, strings.Repeat("x", size))
	}))
	defer server.Close()
	sender := newTestSender(t, Options{})
	for _, size := range []int{0, 1, 511, 512, 513, MaxAnswer - 1, MaxAnswer, MaxAnswer + 1, 10 * MaxAnswer} {
		for _, form := range []string{"", "&chunked"} {
			answer := sender.Send(t.Context(), Request{URL: fmt.Sprintf("%s/?size=%d%s", server.URL, size, form), Timeout: patience})
			if answer.Failure != None || len(answer.Body) != min(size, MaxAnswer) || answer.TooLarge != (size > MaxAnswer) {
				t.Errorf("%d bytes%s: got %v, %d bytes, too large %v", size, form, answer.Err, len(answer.Body), answer.TooLarge)
			}
		}
	}
}

func TestRetryAfterIsReadAndBounded(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := []struct {
		value string
		want  time.Duration
	}{
		{"", 0},
		{"0", 0},
		{" 120 ", 2 * time.Minute},
		{"-5", 0},
		{"1.5", 0},
		{"soon", 0},
		{"86401", 24 * time.Hour},
		{"99999999999999999999999", 24 * time.Hour},
		{"Fri, 02 Jan 2026 03:05:05 GMT", time.Minute},
		{"Fri, 02 Jan 2026 03:03:05 GMT", 0},
		{"Fri, 02 Jan 2099 03:03:05 GMT", 24 * time.Hour},
	}
	for _, tt := range tests {
		if got := retryAfter(tt.value, now); got != tt.want {
			t.Errorf("retryAfter(%q): got %v, want %v", tt.value, got, tt.want)
		}
	}
}

func TestSendAfterCloseIsRefused(t *testing.T) {
	sender := newTestSender(t, Options{})
	sender.Close()
	if answer := sender.Send(context.Background(), Request{URL: "http://127.0.0.1/"}); answer.Failure != Canceled {
		t.Errorf("got %+v, want canceled", answer)
	}
	sender.Close()
}

func TestCloseWaitsForSendsUnderWay(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-release
	}))
	defer server.Close()
	sender := newTestSender(t, Options{})
	answers, closed := make(chan Answer, 1), make(chan struct{})
	go func() { answers <- sender.Send(context.Background(), Request{URL: server.URL, Timeout: patience}) }()
	<-arrived
	go func() { sender.Close(); close(closed) }()
	for sender.under.enter() { // until Close has begun
		sender.under.leave()
	}
	select {
	case <-closed:
		t.Error("Close returned while a Send was under way")
	default:
	}
	close(release)
	<-closed
	if answer := <-answers; answer.Status != 200 {
		t.Errorf("got %+v, want 200", answer)
	}
}

func BenchmarkSend(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)
	}))
	defer server.Close()
	sender := newTestSender(b, Options{})
	request := Request{
		URL:    server.URL + "/callback?SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterModifyAdmin&contenttype=json",
		Header: http.Header{"Content-Type": {"application/json"}, "Callboard-Seq": {"1"}},
		Body:   []byte(strings.Repeat("x", 300)),
	}
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if answer := sender.Send(context.Background(), request); answer.Status != 200 {
				b.Errorf("got %+v", answer)
			}
		}
	})
}

func ExampleSender() {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)
	}))
	defer backend.Close()

	sender := NewSender(Options{Guard: NewGuard(GuardOptions{Loopback: true})})
	defer sender.Close()
	answer := sender.Send(context.Background(), Request{URL: backend.URL, Body: []byte(`{}`), Timeout: 2 * time.Second})
	fmt.Println(answer.Failure, answer.Status, string(answer.Body))
	// Output: none 200 {"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}
}
