package server

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/rest"
	"github.com/callboard/callboard/internal/wire"
)

var update = flag.Bool("update", false, "write the golden packets as they are now")

// goldenFolder has a file for each REST command, and for callbacks that need a config of their own: config, setup (calls made before), request, response, and each callback that the
// request causes as URL, headers and body.
const goldenFolder = "../wire/testdata"

func TestGoldenPackets(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(goldenFolder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden packets in %s: %v", goldenFolder, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { checkGolden(t, file) })
	}
}

func TestEveryCommandHasAGoldenPacket(t *testing.T) {
	for _, command := range append(rest.Commands(), "create_room_reaching_threshold") {
		if _, err := os.Stat(filepath.Join(goldenFolder, command+".txtar")); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(goldenFolder, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]bool{}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			for _, word := range regexp.MustCompile(`CallbackCommand=([A-Za-z.]+)`).FindAllStringSubmatch(string(f.Data), -1) {
				sent[word[1]] = true
			}
		}
	}
	got, want := slices.Sorted(maps.Keys(sent)), append(wire.Commands(), wire.TopicCommand(live.TopicMessage))
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("callbacks in the golden packets (-want +got):\n%s", diff)
	}
}

func checkGolden(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b := startBackend(t)
	part := parts(archive)
	cfg := testConfig(t, b.url)
	if text, ok := strings.CutPrefix(strings.TrimSpace(string(part["config"])), "max_rooms: "); ok {
		cfg.Apps[0].MaxRooms, err = strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
	}
	s := startServer(t, cfg)
	battle := "" // the last one, which a body names as <battle>
	for line := range strings.Lines(string(part["setup"])) {
		path, body, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch path {
		case "":
		case "enter":
			room, account, _ := strings.Cut(body, " ")
			s.enter(t, live.RoomID(room), live.Account(account))
		default:
			made := s.mustPost(t, "/v4/"+path, strings.ReplaceAll(body, "<battle>", battle))
			if found := battleID.FindStringSubmatch(made.text); found != nil {
				battle = found[1]
			}
		}
	}
	path, body, _ := strings.Cut(strings.TrimSpace(string(part["request"])), "\n")
	answer := s.post(t, strings.TrimPrefix(path, "POST "), strings.ReplaceAll(body, "<battle>", battle))

	got := &txtar.Archive{Comment: archive.Comment}
	add := func(name, text string) {
		got.Files = append(got.Files, txtar.File{Name: name, Data: []byte(normal(text) + "\n")})
	}
	if config, ok := part["config"]; ok {
		add("config", string(config))
	}
	if setup := strings.TrimSpace(string(part["setup"])); setup != "" {
		add("setup", setup)
	}
	add("request", path+"\n"+body)
	add("response", answer.text)
	var caused []received
	if !strings.Contains(path, "/live_config/") { // settings are not reported
		caused = s.causedBy(t, b, answer.RequestID)
	}
	for i, c := range caused {
		add(fmt.Sprintf("callback %d url", i+1), c.url)
		add(fmt.Sprintf("callback %d headers", i+1), headerText(c.header))
		add(fmt.Sprintf("callback %d body", i+1), c.body)
	}
	text := txtar.Format(got)
	if *update {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(txtar.Format(archive)), string(text)); diff != "" {
		t.Errorf("golden packet (-want +got):\n%s", diff)
	}
}

var battleID = regexp.MustCompile(`"BattleId":"([A-Za-z0-9_-]+)"`)

// enter lets somebody into a room, for which there is no REST call.
func (s *testServer) enter(t *testing.T, room live.RoomID, account live.Account) {
	t.Helper()
	if _, err := s.engine.Do(t.Context(), testApp, live.Actor{Account: account}, live.EnterRoom{Room: room, Account: account}); err != nil {
		t.Fatal(err)
	}
}

func parts(a *txtar.Archive) map[string][]byte {
	m := map[string][]byte{}
	for _, f := range a.Files {
		m[f.Name] = f.Data
	}
	return m
}

// causedBy returns the callbacks of a call, in the order of their numbers. A change of another room comes after it:
// the number before its own says how many callbacks there are to wait for.
func (s *testServer) causedBy(t *testing.T, b *testBackend, requestID string) []received {
	t.Helper()
	last := s.mustPost(t, "/v4/live_engine_http_srv/create_room", `{"RoomInfo":{"RoomId":"sentinel","RoomType":"Live"}}`)
	var list []received
	before := int64(-1)
	for seen := int64(0); before != seen; {
		c := b.next(t)
		if c.header.Get(callback.HeaderCause) == last.RequestID && c.header.Get(callback.HeaderLane) == "@app" {
			continue
		}
		if c.header.Get(callback.HeaderCause) == last.RequestID {
			before, _ = strconv.ParseInt(c.header.Get(callback.HeaderPrev), 10, 64)
			continue
		}
		seq, _ := strconv.ParseInt(c.header.Get(callback.HeaderSeq), 10, 64)
		seen = max(seen, seq)
		if c.header.Get(callback.HeaderCause) == requestID {
			list = append(list, c)
		}
		if before == 0 {
			break
		}
	}
	slices.SortFunc(list, func(a, b received) int {
		return strings.Compare(a.header.Get(callback.HeaderSeq), b.header.Get(callback.HeaderSeq))
	})
	return list
}

// normal replaces what differs from run to run; the text around it is compared byte for byte.
func normal(text string) string {
	for _, r := range []struct{ pattern, with string }{
		{`Id-[0-9a-f]{32}-O-Seq-\d+`, "Id-<hex>-O-Seq-<n>"},
		{`("EventTime":)\d{13}\b`, "$1<ms>"},
		{`("(?:Create|Start|End)Time":)\d{10}\b`, "$1<s>"},
		{battleID.String(), `"BattleId":"<battle>"`},
		{`("CreateTime":)\d{10}\b`, "$1<s>"},
		{`("(?:Msg)?Time":)\d{10}\b`, "$1<s>"},
		{` until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`, " until <time>"},
		{`("(?:Banned|Muted)Until":)\d{10}\b`, "$1<s>"},
		{`("MsgId":)"[0-9a-f]{32}"`, `$1"<id>"`},
		{`("Random":)\d{10}\b(,"MsgId")`, "$1<random>$2"},
		{`1400000001-[a-z2-7]{8}-`, "1400000001-<log>-"},
		{`(Callboard-Log: )[a-z2-7]{8}`, "$1<log>"},
		{`http://127\.0\.0\.1:\d+`, "http://<app backend>"},
		{`127\.0\.0\.1:\d+`, "<app backend>"},
		{`usersig=[^&\s]+`, "usersig=<usersig>"},
	} {
		text = regexp.MustCompile(r.pattern).ReplaceAllString(text, r.with)
	}
	return strings.TrimSpace(text)
}

func headerText(h http.Header) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(h)) {
		fmt.Fprintf(&b, "%s: %s\n", name, h.Get(name))
	}
	return b.String()
}

// Guard against a test that compares nothing: a packet that is altered is told.
func TestGoldenPacketsTellAnAlteredBody(t *testing.T) {
	b := startBackend(t)
	s := startServer(t, testConfig(t, b.url))
	s.mustPost(t, "/v4/live_engine_http_srv/create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
	c := b.next(t)
	golden, err := txtar.ParseFile(filepath.Join(goldenFolder, "modify_admin.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if string(parts(golden)["callback 1 body"]) == normal(c.body)+"\n" {
		t.Error("the body of another callback equals the golden one")
	}
}
