//go:build unix

package acceptance

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/callboard/callboard/liveapi"
)

// The attempt fails at each step at which an error could carry the URL.
func TestNoFailureOfACallbackPutsASecretIntoTheLog(t *testing.T) {
	t.Parallel()
	const user, password, token, query = "user-of-the-url", "password-of-the-url", "token-of-the-test", "secret-of-the-query"
	for _, c := range []struct {
		name, scheme, port string
		reason             string // a pattern of the log
	}{
		{"no connection", "http", closedPort(t), "connection refused"},
		{"no TLS", "https", talker(t, "HTTP/1.1 400 Bad Request\r\n\r\n"), "tls"},
		{"no HTTP", "http", talker(t, "220 mail\r\n"), "not HTTP"},
		{"cut off", "http", talker(t, ""), "connection ended"},
		{"redirect", "http", talker(t, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/"+query+"\r\nContent-Length: 0\r\n\r\n"), "302"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.configure(t, setup{
				url:      c.scheme + "://" + user + ":" + password + "@127.0.0.1:" + c.port + "/callback?auth=" + query,
				commands: allCommands(), token: token,
			})
			p := s.serve(t, "--log-format", "json")
			createRoom(t, s.client(t, p), "r1")
			if p.stderr.find(`a lane is held.*`+c.reason, p.ended) == nil {
				t.Fatalf("%q is not in the log", c.reason)
			}
			p.stop(t)
			wantNoSecret(t, p, append(s.secrets(), user, password, token, query)...)
		})
	}
}

func TestSettingASecretByRESTIsNotLogged(t *testing.T) {
	t.Parallel()
	const first, second, token = "first-secret-query", "second-secret-query", "token-set-by-rest"
	s := newSite(t)
	s.configure(t, setup{})
	p := s.serve(t)
	c := s.client(t, p)
	on, text := true, token
	for _, err := range []error{
		c.SetCallback(t.Context(), liveapi.CallbackConfig{URL: "http://127.0.0.1:9/?a=" + first}),
		c.UpdateCallback(t.Context(), liveapi.CallbackConfig{URL: "http://127.0.0.1:9/?a=" + second}),
		c.SetCallbackToken(t.Context(), liveapi.SetCallbackTokenRequest{Token: &text, IsTokenEnable: &on}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := c.UpdateCallback(t.Context(), liveapi.CallbackConfig{URL: "http://169.254.169.254/?a=" + second})
	if info := infoOf(t, refused, liveapi.CodeInvalidParameter); strings.Contains(info, second) {
		t.Errorf("ErrorInfo repeats the query: %s", info)
	}
	wantTexts(t, p.stderr.String(), "command=set_callback ", "command=update_callback", "command=set_callback_token")
	wantNoSecret(t, p, append(s.secrets(), first, second, token)...)
}

// closedPort is a port of loopback on which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return portOf(t, l)
}

// talker listens, says the same to everybody who has said something, and hangs up.
func talker(t *testing.T, says string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, says)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return portOf(t, l)
}

func portOf(t *testing.T, l net.Listener) string {
	t.Helper()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
