package server

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/pgtest"
	"github.com/callboard/callboard/internal/wire"
)

const sessionFile = "testdata/session.txtar"

// A session over real HTTP: every answer and every callback is in a golden file, which is the same for both stores. It is written
// on the first.
func TestSessionThroughTheWholeLifeOfARoom(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { checkSession(t, "", *update) })
	t.Run("postgres", func(t *testing.T) { checkSession(t, pgtest.Database(t), false) })
}

func checkSession(t *testing.T, database string, write bool) {
	archive, err := txtar.ParseFile(sessionFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Files) == 0 || archive.Files[0].Name != "script" {
		t.Fatalf("%s does not begin with a script", sessionFile)
	}
	s := newSession(t, database)
	for line := range strings.Lines(string(archive.Files[0].Data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			s.step(line)
		}
	}
	s.finish()
	got := txtar.Format(&txtar.Archive{Comment: archive.Comment, Files: append(archive.Files[:1:1], s.files()...)})
	if write {
		if err := os.WriteFile(sessionFile, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(sessionFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the session (-want +got):\n%s", diff)
	}
}

// session is a server with an App backend, and what was said so far.
type session struct {
	*testing.T
	server  *testServer
	backend *testBackend
	steps   []step
	told    map[int64]received // by number
	battle  string             // the last one, which a line names as <battle>
}

type step struct {
	line, answer, cause string
	asked               []received // questions, which have no number
	told                []received
}

func newSession(t *testing.T, database string) *session {
	t.Helper()
	b := startBackend(t)
	cfg := testConfig(t, b.url)
	cfg.Apps[0].Callback.Commands = append(wire.Commands(), wire.TopicCommand(live.TopicMessage), wire.TopicCommand(live.TopicGift))
	cfg.Apps[0].MaxRooms = 2
	if database != "" {
		cfg.Database = database
	}
	return &session{T: t, server: startServer(t, cfg), backend: b, told: map[int64]received{}}
}

// step makes a call.
func (s *session) step(line string) {
	s.Helper()
	path, body, _ := strings.Cut(line, " ")
	if path == "enter" {
		s.enter(line, body)
		return
	}
	s.steps = append(s.steps, step{line: line})
	last := &s.steps[len(s.steps)-1]
	answer := s.server.post(s.T, "/v4/"+path, strings.ReplaceAll(body, "<battle>", s.battle))
	if found := battleID.FindStringSubmatch(answer.text); found != nil {
		s.battle = found[1]
	}
	last.answer, last.cause = answer.text, answer.RequestID
	for len(s.backend.got) > 0 {
		s.take(<-s.backend.got)
	}
}

// enter lets somebody into a room, for which there is no REST call.
func (s *session) enter(line, who string) {
	s.Helper()
	room, account, _ := strings.Cut(who, " ")
	cause := fmt.Sprintf("step %d", len(s.steps)+1)
	by := live.Actor{Account: live.Account(account), Cause: cause}
	if _, err := s.server.engine.Do(s.Context(), testApp, by, live.EnterRoom{Room: live.RoomID(room), Account: live.Account(account)}); err != nil {
		s.Fatal(err)
	}
	s.steps = append(s.steps, step{line: line, answer: "done", cause: cause})
}

// take keeps what the App backend got: a callback by its number, which tells a repeat too, and a question with the call that is
// under way.
func (s *session) take(c received) int64 {
	seq, err := strconv.ParseInt(c.header.Get(callback.HeaderSeq), 10, 64)
	if err != nil {
		last := &s.steps[len(s.steps)-1]
		last.asked = append(last.asked, c)
		return 0
	}
	s.told[seq] = c
	return seq
}

// finish makes one more change, and waits for its callback and for all before it: each names the number of the one before.
func (s *session) finish() {
	s.Helper()
	answer := s.server.mustPost(s.T, "/v4/live_engine_http_srv/create_room", `{"RoomInfo":{"RoomId":"sentinel","RoomType":"Live"}}`)
	last := int64(0)
	for last == 0 || !s.complete(last) {
		c := s.backend.next(s.T)
		if seq := s.take(c); c.header.Get(callback.HeaderCause) == answer.RequestID && last == 0 {
			last = seq
		}
	}
	for _, seq := range s.numbers() {
		c := s.told[seq]
		for i := range s.steps {
			if s.steps[i].cause == c.header.Get(callback.HeaderCause) {
				s.steps[i].told = append(s.steps[i].told, c)
			}
		}
	}
}

// complete tells whether all callbacks before a number are there.
func (s *session) complete(seq int64) bool {
	for seq > 0 {
		c, ok := s.told[seq]
		if !ok {
			return false
		}
		seq, _ = strconv.ParseInt(c.header.Get(callback.HeaderPrev), 10, 64)
	}
	return true
}

func (s *session) numbers() []int64 {
	var list []int64
	for seq := range s.told {
		list = append(list, seq)
	}
	slices.Sort(list)
	return list
}

// files are the steps as the golden file has them.
func (s *session) files() []txtar.File {
	var files []txtar.File
	for i := range s.steps {
		st := &s.steps[i]
		var b bytes.Buffer
		fmt.Fprintf(&b, "%s\n\n%s\n", st.line, st.answer)
		for _, c := range st.asked {
			fmt.Fprintf(&b, "\nquestion %s\n%s\n", c.url, c.body)
		}
		for _, c := range st.told {
			fmt.Fprintf(&b, "\n%s\n%s\n%s\n", c.url, c.numbers(), c.body)
		}
		path, _, _ := strings.Cut(st.line, " ")
		command := path[strings.LastIndexByte(path, '/')+1:]
		files = append(files, txtar.File{Name: fmt.Sprintf("%d %s", i+1, command), Data: []byte(normal(b.String()) + "\n")})
	}
	return files
}

// numbers are those of a callback, with its lane and what it says of the room.
func (c *received) numbers() string {
	var list []string
	for _, name := range []string{
		callback.HeaderLane, callback.HeaderSeq, callback.HeaderPrev, callback.HeaderRoomSeq, callback.HeaderRoomPrev, callback.HeaderRoomState,
	} {
		if value := c.header.Get(name); value != "" {
			list = append(list, strings.TrimPrefix(name, "Callboard-")+" "+value)
		}
	}
	return strings.Join(list, ", ")
}
