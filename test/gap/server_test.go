package gap

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
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

// door takes requests to the address at which the process of the moment listens.
type door struct {
	http.RoundTripper
	mu      sync.Mutex
	address string
}

// RoundTrip implements [http.RoundTripper].
func (d *door) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	address := d.address
	d.mu.Unlock()
	r = r.Clone(r.Context())
	r.URL.Host = address
	return d.RoundTripper.RoundTrip(r)
}

func (d *door) open(address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.address = address
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

// RoundTrip is the way to the feed, which is a bad one until all is calm.
func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	if !s.run.calm.Load() && cut(s.run.dice) {
		return nil, errCut
	}
	answer, err := s.door.RoundTrip(r)
	if err != nil || s.run.calm.Load() {
		return answer, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.StatusCode, body = spoil(s.run.dice, answer.StatusCode, body)
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// change makes a call, which is refused or lost as it may.
func (s *server) change(c change) {
	if err := s.call(s.t.Context(), c); err == nil {
		s.run.tally.add("changed")
	}
}

func (s *server) call(ctx context.Context, c change) (err error) {
	account := string(c.account)
	switch c.kind {
	case create:
		_, err = s.rest.CreateRoom(ctx, liveapi.NewRoom{RoomID: c.room, OwnerAccount: account})
	case destroy:
		_, err = s.rest.DestroyRoom(ctx, c.room)
	case giveOwner:
		err = s.rest.ChangeRoomOwner(ctx, c.room, account)
	case addAdministrator:
		err = s.rest.AddAdmin(ctx, c.room, account)
	case deleteAdministrator:
		err = s.rest.DeleteAdmin(ctx, c.room, account)
	case enter: // members cannot enter by REST; here it is a number of the room's own lane without a callback
		err = s.rest.UpdateRoomInfo(ctx, liveapi.RoomUpdate{RoomID: c.room, RoomName: &account})
	}
	return err
}

func (s *server) turn(command callback.Command, on bool) {
	s.mu.Lock()
	s.off[command] = !on
	list := slices.DeleteFunc(commands(), func(c callback.Command) bool { return s.off[c] })
	s.mu.Unlock()
	if err := s.rest.UpdateCallback(s.t.Context(), liveapi.CallbackConfig{URL: s.proxy, CallbackCommandList: words(list)}); err != nil {
		s.t.Errorf("update_callback: %v", err)
	}
}

// send waits: callbacks go out by themselves.
func (s *server) send() { <-time.After(20 * time.Millisecond) }

func (s *server) settle() {}

// forget does nothing: what a log keeps is kept for a minute at least.
func (s *server) forget() {}

// serverHead is what the server says about its log.
type serverHead struct {
	Log           string
	Waiting, Dead int
}

func (s *server) head() (h serverHead) {
	s.ask(http.MethodGet, "head", url.Values{}, "", &h)
	return h
}

func (s *server) idle() bool { return s.head().Waiting == 0 }

// redeliver sends again all that was given up. When all is calm it waits until they have arrived.
func (s *server) redeliver() bool {
	if s.head().Dead == 0 {
		return false
	}
	var answer struct{ Redelivery string }
	s.ask(http.MethodPost, "redeliver", url.Values{}, `{"DeadOnly":true}`, &answer)
	s.run.tally.add("redeliveries")
	if s.run.calm.Load() {
		for n := 0; n < 1000 && s.head().Dead > 0; n++ {
			s.send()
		}
	}
	return s.head().Dead > 0
}

// ask makes a call beside the documented ones. It fails the test when the answer is not OK.
func (s *server) ask(method, call string, query url.Values, body string, answer any) {
	query.Set("sdkappid", number(s.run.mirror.app))
	target := nowhere + "/callboard/v1/" + call + "?" + query.Encode()
	request, err := http.NewRequestWithContext(s.t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.run.feed)
	response, err := s.door.RoundTrip(request)
	if err != nil {
		s.t.Fatalf("%s: %v", call, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode == http.StatusOK {
		err = json.Unmarshal(text, answer)
	}
	if err != nil || response.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: HTTP %d %s, %v", call, response.StatusCode, text, err)
	}
}

// history reads the feed from its beginning.
func (s *server) history() []happened {
	var list []happened
	for next, head := "", "-"; next != head; {
		var page struct {
			Next, Head string
			Events     []event
		}
		s.ask(http.MethodGet, "events", url.Values{"limit": {"1000"}, "after": {next}}, "", &page)
		for _, e := range page.Events {
			if e.Callback {
				list = append(list, happened{e.Lane, e.Seq, e.RoomSeq})
			}
		}
		next, head = page.Next, page.Head
	}
	return list
}

// rooms reads them by the documented calls.
func (s *server) rooms() map[string]roles {
	rooms := map[string]roles{}
	for next, first := "", true; first || next != ""; first = false {
		page, err := s.rest.GetRoomList(s.t.Context(), liveapi.GetRoomListRequest{Next: next})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, room := range page.RoomList {
			rooms[room.RoomID] = s.roles(room)
		}
		next = page.Next
	}
	return rooms
}

func (s *server) roles(room liveapi.ListedRoom) roles {
	list, err := s.rest.GetAdminList(s.t.Context(), room.RoomID)
	if err != nil {
		s.t.Fatal(err)
	}
	r := roles{Owner: callback.Account(room.OwnerAccount)}
	for _, account := range list {
		r.Administrators = append(r.Administrators, callback.Account(account))
	}
	slices.Sort(r.Administrators)
	return r
}
