package gap

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
	"github.com/callboard/callboard/usersig"
)

const (
	serverKey = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
	// nowhere is a host that door replaces.
	nowhere = "http://live.example"
)

// server is the real binary with a database. Its methods may be called by many at once, but for restart, backup and renew.
type server struct {
	t      *testing.T
	run    *run
	store  store
	folder string
	proxy  string // URL that callbacks go to
	rest   *liveapi.Client
	door   *door
	lives  *process

	mu   sync.Mutex
	name string // of the log
	off  map[callback.Command]bool
}

// startServer makes the config and starts the binary.
func startServer(t *testing.T, r *run, s store, proxy string) *server {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	v := &server{t: t, run: r, store: s, folder: t.TempDir(), proxy: proxy, door: &door{RoundTripper: transport}, off: map[callback.Command]bool{}}
	sig, err := usersig.New(serverKey, usersig.Claims{SDKAppID: v.app(), Identifier: "administrator", Expire: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	v.rest, err = liveapi.NewClient(liveapi.Options{
		BaseURL: nowhere, SDKAppID: v.app(), Identifier: "administrator", UserSig: sig, HTTPClient: &http.Client{Transport: v.door},
	})
	if err != nil {
		t.Fatal(err)
	}
	v.configure()
	t.Cleanup(v.tell)
	v.start()
	v.name = v.head().Log
	return v
}

// commands are those that have a say in the mirror.
func commands() []callback.Command {
	return []callback.Command{callback.CommandAfterCreateRoom, callback.CommandAfterDestroyRoom, callback.CommandAfterChangeOwner,
		callback.CommandAfterModifyAdmin}
}

// configure writes the config. What is refused for good is given up after three attempts, which are 3 s.
func (s *server) configure() {
	text := fmt.Sprintf(`listen: 127.0.0.1:0
apps:
  - sdkappid: %d
    key: %s
    administrators: [administrator]
    tokens: [%s]
    callback:
      url: %s
      commands: [%s]
      token: %s
      signing_secrets: [%s]
    delivery: {timeout: 3s, give_up_after: 1s}
`, s.app(), serverKey, s.run.feed, s.proxy, strings.Join(words(commands()), ", "), s.run.token, strings.Join(s.run.signingSecrets, ", "))
	if err := os.WriteFile(s.file("callboard.yaml"), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func words(list []callback.Command) []string {
	texts := []string{}
	for _, command := range list {
		texts = append(texts, string(command))
	}
	return texts
}

func (s *server) file(name string) string { return filepath.Join(s.folder, name) }

// tell shows the end of the log of a test that has failed, without the calls.
func (s *server) tell() {
	text, err := os.ReadFile(s.file("log"))
	if !s.t.Failed() || err != nil {
		return
	}
	lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), func(line string) bool { return strings.Contains(line, `"REST call"`) })
	s.t.Logf("the log of callboard ends so:\n%s", strings.Join(lines[max(0, len(lines)-50):], ""))
}

func (s *server) start() {
	s.lives = startProcess(s.t, s.file("log"), binary, "serve", "--config", s.file("callboard.yaml"), "--database", s.store.url(), "--log-format", "json")
	s.door.open(s.lives.listening(s.t))
}

func (s *server) restart() {
	s.lives.kill()
	s.start()
}

func (s *server) backup() {
	s.lives.kill()
	s.store.backup(s.t)
	s.start()
}

// renew has all that happened since backup lost.
func (s *server) renew() {
	const name = "backagai"
	s.lives.kill()
	s.store.restore(s.t, name)
	s.mu.Lock()
	s.name = name
	s.mu.Unlock()
	s.start()
}

func (s *server) app() uint32 { return uint32(s.run.mirror.app) }

func (s *server) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.name
}
