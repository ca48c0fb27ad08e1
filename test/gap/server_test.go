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
	// patience is how long the server waits for an answer.
	patience = 2 * time.Second
)

// host is the real binary with a database, and the Apps in it. One goroutine uses it.
type host struct {
	t      *testing.T
	store  store
	folder string
	door   *door
	lives  *process
	apps   []*server
}

// server is one App of a host. Its methods may be called by many at once, but for those that are the host's.
type server struct {
	*host
	run   *run
	proxy string // URL that callbacks go to
	rest  *liveapi.Client

	mu   sync.Mutex
	name string // of the log
	off  map[callback.Command]bool
}

func newHost(t *testing.T, s store) *host {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	h := &host{t: t, store: s, folder: t.TempDir(), door: &door{RoundTripper: transport}}
	t.Cleanup(h.tell)
	return h
}

// add makes the App of a run, whose callbacks go to a proxy. It is there when the host is opened.
func (h *host) add(r *run, proxy string) *server {
	h.t.Helper()
	v := &server{host: h, run: r, proxy: proxy, off: map[callback.Command]bool{}}
	sig, err := usersig.New(serverKey, usersig.Claims{SDKAppID: v.app(), Identifier: "administrator", Expire: 24 * time.Hour})
	if err != nil {
		h.t.Fatal(err)
	}
	v.rest, err = liveapi.NewClient(liveapi.Options{
		BaseURL: nowhere, SDKAppID: v.app(), Identifier: "administrator", UserSig: sig, HTTPClient: &http.Client{Transport: h.door},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.apps = append(h.apps, v)
	return v
}

// open makes the config and starts the binary.
func (h *host) open() {
	h.configure()
	h.start()
	for _, v := range h.apps {
		v.name = v.head().Log
	}
}

// commands are those that have a say in the mirror.
func commands() []callback.Command {
	return []callback.Command{callback.CommandAfterCreateRoom, callback.CommandAfterDestroyRoom, callback.CommandAfterChangeOwner,
		callback.CommandAfterModifyAdmin}
}

// configure writes the config. What is refused for good is given up after three attempts, which are 3 s.
func (h *host) configure() {
	var text strings.Builder
	text.WriteString("listen: 127.0.0.1:0\napps:\n")
	for _, v := range h.apps {
		fmt.Fprintf(&text, `  - sdkappid: %d
    key: %s
    administrators: [administrator]
    tokens: [%s]
    callback:
      url: %s
      commands: [%s]
      token: %s
      signing_secrets: [%s]
    delivery: {timeout: %s, give_up_after: 1s}
`, v.app(), serverKey, v.run.feed, v.proxy, strings.Join(words(commands()), ", "), v.run.token, strings.Join(v.run.signingSecrets, ", "), patience)
	}
	if err := os.WriteFile(h.file("callboard.yaml"), []byte(text.String()), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func words(list []callback.Command) []string {
	texts := []string{}
	for _, command := range list {
		texts = append(texts, string(command))
	}
	return texts
}

func (h *host) file(name string) string { return filepath.Join(h.folder, name) }

// tell shows the end of the log of a test that has failed, without the calls.
func (h *host) tell() {
	text, err := os.ReadFile(h.file("log"))
	if !h.t.Failed() || err != nil {
		return
	}
	lines := slices.DeleteFunc(strings.SplitAfter(string(text), "\n"), func(line string) bool { return strings.Contains(line, `"REST call"`) })
	h.t.Logf("the log of callboard ends so:\n%s", strings.Join(lines[max(0, len(lines)-50):], ""))
}

func (h *host) start() {
	h.lives = startProcess(h.t, h.file("log"), binary, "serve", "--config", h.file("callboard.yaml"), "--database", h.store.url(), "--log-format", "json")
	h.door.open(h.lives.listening(h.t))
}

func (h *host) restart() {
	h.lives.kill()
	h.start()
}

func (h *host) backup() {
	h.lives.kill()
	h.store.backup(h.t)
	h.start()
}

// renew has all that happened since backup lost.
func (h *host) renew() {
	const name = "backagai"
	h.lives.kill()
	h.store.restore(h.t, name)
	for _, v := range h.apps {
		v.mu.Lock()
		v.name = name
		v.mu.Unlock()
	}
	h.start()
}

func (s *server) app() uint32 { return uint32(s.run.mirror.app) }

func (s *server) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.name
}
