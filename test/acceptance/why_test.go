//go:build unix

package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// operator runs commands of the binary against a server.
type operator struct {
	key, server string
}

func (s *site) operator(p *process) operator { return operator{s.key, "http://" + p.address} }

// run runs a command and returns what it prints and its exit code.
func (o operator) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = o.environment()
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	if e := cmd.Run(); e != nil && cmd.ProcessState == nil {
		t.Fatal(e)
	}
	return out.String(), err.String(), cmd.ProcessState.ExitCode()
}

func (o operator) environment() []string {
	return environment("CALLBOARD_KEY="+o.key, "CALLBOARD_SERVER="+o.server, fmt.Sprintf("CALLBOARD_SDKAPPID=%d", sdkAppID))
}

// says runs a command that must work and print what matches each pattern.
func (o operator) says(t *testing.T, args string, patterns ...string) string {
	t.Helper()
	stdout, stderr, code := o.run(t, strings.Fields(args)...)
	if code != 0 {
		t.Fatalf("callboard %s: exit code %d\n%s%s", args, code, stdout, stderr)
	}
	for _, p := range patterns {
		if !regexp.MustCompile(p).MatchString(stdout) {
			t.Errorf("callboard %s: %q is missing in:\n%s", args, p, stdout)
		}
	}
	return stdout
}

// fails runs a command that must end with exit code 1 and say why.
func (o operator) fails(t *testing.T, args string, says ...string) {
	t.Helper()
	stdout, stderr, code := o.run(t, strings.Fields(args)...)
	if code != 1 {
		t.Errorf("callboard %s: exit code %d, want 1\n%s%s", args, code, stdout, stderr)
	}
	wantTexts(t, stdout+stderr, says...)
	if strings.Contains(stdout+stderr, "usersig=") {
		t.Errorf("callboard %s prints a UserSig:\n%s%s", args, stdout, stderr)
	}
}

// until runs a command again and again until it prints what matches.
func (o operator) until(t *testing.T, args, pattern string) {
	t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		stdout, _, _ := o.run(t, strings.Fields(args)...)
		if regexp.MustCompile(pattern).MatchString(stdout) {
			return
		}
		select {
		case <-look.C:
		case <-limit.C:
			t.Fatalf("callboard %s: %q is missing in:\n%s", args, pattern, stdout)
		}
	}
}

func TestAnOperatorLearnsWhyACallbackHasNotArrivedAndMendsIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", refuses)
	s.configure(t, setup{url: b.url, commands: allCommands()})
	p := s.serve(t)
	o, c := s.operator(p), s.client(t, p)
	createRoom(t, c, "r1")
	log := b.next(t).Log
	id := func(seq int) string { return fmt.Sprintf("%d-%s-%d", sdkAppID, log, seq) }
	createRoom(t, c, refusedRoom)        // 2
	addAdmin(t, c, refusedRoom, "alice") // 3
	o.until(t, "why "+id(1), `: delivered\n(.|\n)*attempt +1 at .*status 200`)
	o.until(t, "why "+id(2), `waiting \(refused\)`)
	o.says(t, "why "+id(2), `status 500`, `The next try`, `the cloud  would have lost it`, `RequestId Id-`, `ago, by administrator from 127.0.0.1`)
	o.says(t, "why "+id(3), `waiting \(behind in its lane\)`, `What to do: callboard why `+id(2), `attempts   none`)
	o.until(t, "deliveries --state retried --lane "+refusedRoom, id(2)+` +refused +Live.CallbackAfterCreateRoom +1 +500 .* retry +failed +status 500`)
	o.says(t, "deliveries --since 1h", id(1)+` +r1 .* delivered +delivered`)
	o.says(t, "deliveries --until 1h --order asc", `^TIME[^\n]*\n$`)
	o.says(t, "dead", `^GIVEN UP[^\n]*\n$`)

	o.says(t, "pause --reader callback", `callback is paused; everything is kept until callboard resume --reader callback`)
	o.says(t, "pause --reason migration", `callback is paused; everything is kept until callboard resume\n`)
	o.says(t, "why "+id(3), `waiting \(paused\)`, `paused by administrator: migration`, `What to do: callboard resume`)
	o.says(t, "resume", `callback sends again`)
	o.fails(t, "discard", "--yes")
	o.says(t, "discard --yes --to 2", `up to number 2 is discarded`)
	o.until(t, "why "+id(2), `: discarded\n(.|\n)*administrator discarded what waited at .* \(discard\)`)
	b.set(accepts)
	next := whatIs(b.next(t))
	next.First = true // it may have been refused before
	if want := (got{Lane: refusedRoom, Prev: 1, Seq: 2, Skipped: "1-1", First: true}); next != want {
		t.Errorf("after the discard came %+v, want %+v", next, want)
	}
	o.says(t, "redeliver --event "+id(2), `redelivery-1 sends them again`)
	b.wants(t, "what was discarded is sent again", got{Lane: refusedRoom, Seq: 1, Replay: true, First: true})
	o.until(t, "why "+id(2), `attempt    redelivery-1 1 at .*status 200`)
	o.fails(t, "discard --reader redelivery-1", "404", "no such Reader")

	var page struct{ Deliveries []struct{ Event string } }
	if err := json.Unmarshal([]byte(o.says(t, "deliveries --json --limit 2")), &page); err != nil || len(page.Deliveries) != 2 {
		t.Errorf("--json prints %+v (%v), want the server's answer with 2 deliveries", page, err)
	}
	wantNoSecret(t, p, s.secrets()...)
}

func TestCommandsThatCannotAskSayWhatToDo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	p := s.serve(t)
	o := s.operator(p)
	o.fails(t, "why 1400000001-abcdefgh-1", "unknown", "It is of another log", "does not know the event")
	o.fails(t, "why 7", "400", "is no event id")
	o.fails(t, "why 7-abcdefgh-1 --sdkappid 1400000001", "400", "App 7")
	o.fails(t, "redeliver", "--event", "--all")
	o.fails(t, "resume --reader nobody", "404", "no such Reader")
	o.fails(t, "resume --sdkappid 7", "401", "no such App")
	o.fails(t, "resume --identifier bob", "403", "no App administrator")
	o.fails(t, "resume --server ftp://x", "--server must be")
	o.fails(t, "deliveries --limit 2000", "400", "limit")
	o.fails(t, "deliveries --since yesterday", "400", "since")
	other := o
	other.key = newKey()
	other.fails(t, "resume", "401", "another key")
	p.stop(t)
	o.fails(t, "resume", "nobody listens at "+o.server)
}

// What docs/operations.md tells an operator to type is taken.
func TestCommandsOfTheOperatorsPageWork(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", accepts)
	s.configure(t, setup{url: b.url, commands: allCommands()})
	p := s.serve(t)
	o := s.operator(p)
	createRoom(t, s.client(t, p), "stage-1")
	log := b.next(t).Log
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for line := range strings.Lines(string(text)) {
		command, _, _ := strings.Cut(line, " #")
		if !regexp.MustCompile(`^callboard (why|deliveries|dead|redeliver|pause|resume|discard)\b`).MatchString(command) {
			continue
		}
		ran++
		command = strings.ReplaceAll(command, "1400000001-abcdefgh-13", fmt.Sprintf("%d-%s-1", sdkAppID, log))
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Env = append(o.environment(), "PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if gone := strings.Contains(string(out), "no such Reader"); err != nil && !gone {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
	if ran < 12 {
		t.Errorf("docs/operations.md has %d commands only", ran)
	}
}
