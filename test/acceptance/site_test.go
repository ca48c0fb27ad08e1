//go:build unix

package acceptance

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
	"github.com/callboard/callboard/usersig"
)

// site is a folder with a config file and a database, in which processes run one after the other.
type site struct {
	folder string
	key    string

	mu   sync.Mutex
	sigs []string // every UserSig that was made for it
}

func newSite(t *testing.T) *site {
	t.Helper()
	return &site{folder: t.TempDir(), key: newKey()}
}

func newKey() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // it never fails
	return hex.EncodeToString(key[:])
}

// setup is what a config file says. Zero values are left out of it, but for listen.
type setup struct {
	listen   string   // a free port of loopback when empty
	top      []string // lines at the top level
	url      string   // callback.url
	commands []callback.Command
	token    string
	secrets  []string // callback.signing_secrets
	delivery string   // a YAML mapping in one line
	app      []string
}

// allCommands are the callbacks that are sent.
func allCommands() []callback.Command {
	return []callback.Command{
		callback.CommandAfterCreateRoom, callback.CommandAfterDestroyRoom, callback.CommandAfterUpdateRoomInfo,
		callback.CommandAfterChangeOwner, callback.CommandAfterModifyAdmin,
	}
}

// configure writes the config file.
func (s *site) configure(t *testing.T, c setup) {
	t.Helper()
	if c.listen == "" {
		c.listen = "127.0.0.1:0"
	}
	lines := append([]string{"listen: " + c.listen}, c.top...)
	lines = append(lines, "apps:", fmt.Sprintf("  - sdkappid: %d", sdkAppID), "    key: "+s.key)
	for _, line := range c.app {
		lines = append(lines, "    "+line)
	}
	if c.delivery != "" {
		lines = append(lines, "    delivery: "+c.delivery)
	}
	if c.url != "" {
		words := make([]string, len(c.commands))
		for i, command := range c.commands {
			words[i] = string(command)
		}
		lines = append(lines, "    callback:", "      url: "+c.url, "      commands: ["+strings.Join(words, ", ")+"]")
	}
	if c.token != "" {
		lines = append(lines, "      token: "+c.token)
	}
	if len(c.secrets) > 0 {
		lines = append(lines, "      signing_secrets: ["+strings.Join(c.secrets, ", ")+"]")
	}
	s.write(t, "callboard.yaml", strings.Join(lines, "\n")+"\n")
}

func (s *site) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serve starts a process that logs everything, and waits until it takes calls.
func (s *site) serve(t *testing.T, flags ...string) *process {
	t.Helper()
	return s.start(t, flags...).serving(t)
}

func (s *site) start(t *testing.T, flags ...string) *process {
	t.Helper()
	return start(t, s.folder, append([]string{binary, "serve", "--log-level", "debug"}, flags...)...)
}

// refuses starts a process that must end with exit code 1, and checks that stderr says each of the texts.
func (s *site) refuses(t *testing.T, flags []string, says ...string) {
	t.Helper()
	p := s.start(t, flags...)
	if code := p.exit(t, patience); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	wantTexts(t, p.stderr.String(), says...)
}

func wantTexts(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, text := range want {
		if !strings.Contains(got, text) {
			t.Errorf("%q is missing in: %s", text, got)
		}
	}
}

// sign makes a UserSig of the App's key, and remembers it.
func (s *site) sign(t *testing.T, c usersig.Claims) string {
	t.Helper()
	sig, err := usersig.New(s.key, c)
	if err != nil {
		t.Fatal(err)
	}
	s.remember(sig)
	return sig
}

func (s *site) remember(sig string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sigs = append(s.sigs, sig)
}

// secrets are the key and all UserSigs.
func (s *site) secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{s.key}, s.sigs...)
}

func adminClaims() usersig.Claims {
	return usersig.Claims{SDKAppID: sdkAppID, Identifier: administrator, Expire: time.Hour}
}

// client returns one that calls a process as the App administrator.
func (s *site) client(t *testing.T, p *process) *liveapi.Client {
	t.Helper()
	c, err := liveapi.NewClient(liveapi.Options{
		BaseURL: "http://" + p.address, SDKAppID: sdkAppID, Identifier: administrator,
		UserSig: s.sign(t, adminClaims()), HTTPClient: httpClient(t, nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// httpClient has connections of its own, which end with the test; transport may be nil.
func httpClient(t *testing.T, transport *http.Transport) *http.Client {
	t.Helper()
	if transport == nil {
		transport = &http.Transport{}
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport: transport, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
