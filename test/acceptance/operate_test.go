//go:build unix

package acceptance

import (
	"context"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

// operate asks for an operation and checks the HTTP status and the answer.
func (s *site) operate(t *testing.T, p *process, name, body string, status int, says string) {
	t.Helper()
	resp, err := httpClient(t, nil).Post("http://"+p.address+"/callboard/v1/"+name+"?"+s.query(t), "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status || !strings.Contains(string(text), says) {
		t.Fatalf("%s %s: HTTP %d %s, want %d with %s", name, body, resp.StatusCode, text, status, says)
	}
}

func addAdmin(t *testing.T, c *liveapi.Client, room, account string) {
	t.Helper()
	if err := c.AddAdmin(t.Context(), room, account); err != nil {
		t.Fatal(err)
	}
}

// giveUp makes two callbacks of refusedRoom, and others until the first of the two is given up.
func giveUp(t *testing.T, p *process, c *liveapi.Client, b *backend) {
	t.Helper()
	createRoom(t, c, refusedRoom)
	addAdmin(t, c, refusedRoom, "alice")
	createRoom(t, c, "r1")
	b.next(t)
	pace := time.NewTicker(100 * time.Millisecond)
	defer pace.Stop()
	change := [2]func(context.Context, string, ...string) error{c.AddAdmin, c.DeleteAdmin}
	for i := 0; !p.stderr.contains("a callback is given up"); i++ {
		<-pace.C
		if err := change[i%2](t.Context(), "r1", "bob"); err != nil {
			t.Fatal(err)
		}
		b.next(t) // only time in which others are accepted counts
		if i > 300 {
			t.Fatal("no callback is given up in half a minute")
		}
	}
}

// got is what a receiver tells callbacks apart by.
type got struct {
	Lane          string
	Prev, Seq     int64
	Skipped       string
	Replay, First bool
}

func whatIs(d callback.Delivery) got {
	return got{d.Lane, d.RoomPrev, d.RoomSeq, d.Skipped, d.Replay, d.Attempt == 1}
}

func (b *backend) wants(t *testing.T, when string, want got) {
	t.Helper()
	if diff := cmp.Diff(want, whatIs(b.next(t))); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", when, diff)
	}
}

func TestWhatIsGivenUpIsAnnouncedAndCanBeSentAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", refuses)
	s.configure(t, setup{url: b.url, commands: allCommands(), delivery: "{give_up_after: 1s}"})
	p := s.serve(t)
	c := s.client(t, p)
	giveUp(t, p, c, b)
	wantDocumentedMetrics(t, get(t, p, "/metrics")) // while there is a backlog
	if got := get(t, p, "/readyz"); got != "ready\n" {
		t.Errorf("/readyz answers %q although only the App backend is to blame", got)
	}

	b.set(accepts)
	b.wants(t, "the next of the lane announces what was given up", got{Lane: refusedRoom, Prev: 1, Seq: 2, Skipped: "1-1"})
	p.stop(t) // a dead letter outlives a restart, and an announcement that was told does not
	p = s.serve(t)
	s.operate(t, p, "redeliver", `{"DeadOnly":true}`, http.StatusOK, `{"Redelivery":"redelivery-1"}`)
	b.wants(t, "the dead letter is sent again", got{Lane: refusedRoom, Seq: 1, Replay: true, First: true})
	addAdmin(t, s.client(t, p), refusedRoom, "carol")
	b.wants(t, "nothing is announced twice", got{Lane: refusedRoom, Prev: 2, Seq: 3, First: true})
	s.operate(t, p, "redeliver", `{"Lane":"refused","From":2}`, http.StatusOK, `{"Redelivery":"redelivery-2"}`)
	for _, want := range []got{{Prev: 1, Seq: 2}, {Prev: 2, Seq: 3}} {
		want.Lane, want.Replay, want.First = refusedRoom, true, true
		b.wants(t, "a lane is sent again", want)
	}
	wantNoSecret(t, p, s.secrets()...)
}

func TestAPauseOutlivesARestartUntilItIsResumed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", accepts)
	s.configure(t, setup{url: b.url, commands: allCommands()})
	p := s.serve(t)
	s.operate(t, p, "pause", `{"Reason":"migration"}`, http.StatusOK, `{"Reader":"callback"}`)
	createRoom(t, s.client(t, p), "r1")
	p.stop(t)
	p = s.serve(t)
	if p.stderr.find(`callbacks are paused until somebody resumes.*paused by administrator: migration`, p.ended) == nil {
		t.Fatal("the log does not say that callbacks are paused, and why")
	}
	if n := len(b.arrived); n > 0 {
		t.Fatalf("%d callbacks came in spite of the pause", n)
	}
	wantTexts(t, get(t, p, "/metrics"), `callboard_readers_stopped{state="paused"} 1`)
	s.operate(t, p, "pause", `{"Reader":"redelivery-9"}`, http.StatusNotFound, `"Error"`)
	s.operate(t, p, "resume", ``, http.StatusOK, `{"Reader":"callback"}`)
	b.wants(t, "after the pause", got{Lane: "r1", Seq: 1, First: true})
}

var metricName = regexp.MustCompile("`(callboard_[a-z_]+)(?:\\{([^}`]+)\\})?`")

// wantDocumentedMetrics checks that what docs/operations.md names is among the metrics, with the label that it names.
func wantDocumentedMetrics(t *testing.T, metrics string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	named := metricName.FindAllStringSubmatch(string(text), -1)
	if len(named) < 20 {
		t.Fatalf("docs/operations.md names %d metrics only", len(named))
	}
	for _, m := range named {
		series := "\n" + m[1]
		switch name, value, _ := strings.Cut(m[2], "="); {
		case value != "":
			series += "{" + m[2] + "}"
		case name != "":
			series += `(_bucket)?\{([^}]*,)?` + name + `="`
		default:
			series += `(_bucket)?[ {]`
		}
		if !regexp.MustCompile(series).MatchString(metrics) {
			t.Errorf("docs/operations.md names %s, which /metrics does not have", m[0])
		}
	}
}
