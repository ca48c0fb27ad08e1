//go:build unix

package acceptance

import (
	"net"
	"regexp"
	"testing"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

// everywhere is a listen address that other machines could reach.
const everywhere = "0.0.0.0:0"

// here replaces the host of a process that listens everywhere, so that the test can call it.
func (p *process) here(t *testing.T) *process {
	t.Helper()
	_, port, err := net.SplitHostPort(p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.address = net.JoinHostPort("127.0.0.1", port)
	return p
}

func TestServerOnTheNetworkRefusesCallbacksToItsOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{listen: everywhere})
	c := s.client(t, s.serve(t).here(t))
	for _, target := range []struct{ name, host, add string }{
		{"loopback", "127.0.0.1:9000", "egress: {allow: [127.0.0.1/32]}"},
		{"localhost", "localhost:9000", "127.0.0.1/32"},
		{"private", "10.1.2.3", "10.1.2.3/32"},
		{"metadata of a cloud", "169.254.169.254", "169.254.169.254/32"},
		{"one number", "2130706433", "127.0.0.1/32"},
		{"hexadecimal", "0x7f.1", "127.0.0.1/32"},
		{"IPv6 loopback", "[::1]:9000", `"::1/128"`},
		{"IPv4 in IPv6", "[::ffff:127.0.0.1]:9000", "127.0.0.1/32"},
		{"NAT64", "[64:ff9b::10.1.2.3]:9000", "10.1.2.3/32"},
	} {
		t.Run(target.name, func(t *testing.T) {
			config := liveapi.CallbackConfig{URL: "http://" + target.host + "/callback"}
			wantTexts(t, infoOf(t, c.SetCallback(t.Context(), config), liveapi.CodeInvalidParameter), "Url", "to allow it add", target.add)
			if _, err := c.GetCallback(t.Context()); codeOf(err) != liveapi.CodeCallbackNotFound {
				t.Errorf("get_callback afterwards: %v, want 100301", err)
			}
		})
	}
	public := liveapi.CallbackConfig{URL: "https://8.8.8.8/callback"} // nothing is subscribed, nothing is sent
	if err := c.SetCallback(t.Context(), public); err != nil {
		t.Fatal(err)
	}
	public.URL = "http://192.168.0.1/"
	wantTexts(t, infoOf(t, c.UpdateCallback(t.Context(), public), liveapi.CodeInvalidParameter), "192.168.0.1/32")
}

// The refusal says which line to add; with exactly that line it works.
func TestLineNamedByTheRefusalAllowsTheCallback(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", accepts)
	config := setup{listen: everywhere, url: b.url, commands: []callback.Command{callback.CommandAfterCreateRoom}}
	s.configure(t, config)
	s.refuses(t, nil, "callboard.yaml:6: apps[0].callback.url: 127.0.0.1", "to the config")
	p := s.start(t)
	if code := p.exit(t, patience); code != 1 {
		t.Fatalf("exit code %d, want 1", code)
	}
	line := regexp.MustCompile(`egress: \{.*\}`).FindString(p.stderr.String())
	config.top = []string{line}
	s.configure(t, config)
	createRoom(t, s.client(t, s.serve(t).here(t)), "r1")
	if d := b.next(t); d.Lane != "r1" {
		t.Errorf("a callback of %q arrived, want r1", d.Lane)
	}
}

// The guard stands at the dial: what was allowed when it was set is not called when it is not allowed any more.
func TestGuardRefusesTheCallOfWhatWasSetBefore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", accepts)
	s.configure(t, setup{})
	p := s.serve(t)
	if err := s.client(t, p).SetCallback(t.Context(), liveapi.CallbackConfig{
		URL: b.url, CallbackCommandList: []string{string(callback.CommandAfterCreateRoom)},
	}); err != nil {
		t.Fatal(err)
	}
	p.stop(t)
	p = s.serve(t, "--listen", everywhere).here(t)
	wantTexts(t, p.stderr.String(), "the callback URL of an App may not be called", "egress: {allow: [127.0.0.1/32]}")
	createRoom(t, s.client(t, p), "r1")
	if p.stderr.find(`a lane is held.*egress: \{allow: \[127\.0\.0\.1/32\]\}`, p.ended) == nil {
		t.Fatal("the log does not say which line to add")
	}
	p.stop(t)
	select {
	case d := <-b.arrived:
		t.Errorf("the callback %s was sent", d.EventID)
	default:
	}
	s.serve(t) // on loopback again
	if d := b.next(t); d.Lane != "r1" {
		t.Errorf("a callback of %q arrived, want r1", d.Lane)
	}
}

func TestServerOnLoopbackStillRefusesMetadataServices(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	c := s.client(t, s.serve(t))
	config := liveapi.CallbackConfig{URL: "http://169.254.169.254/latest"}
	wantTexts(t, infoOf(t, c.SetCallback(t.Context(), config), liveapi.CodeInvalidParameter), "link-local")
	config.URL = "http://10.1.2.3/"
	if err := c.SetCallback(t.Context(), config); err != nil {
		t.Errorf("a private address was refused: %v", err)
	}
}

func TestDenyBeatsTheDefaults(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", accepts)
	s.configure(t, setup{top: []string{"egress: {deny: [127.0.0.0/8]}"}, url: b.url, commands: allCommands()})
	s.refuses(t, nil, "127.0.0.0/8", "deny")
}
