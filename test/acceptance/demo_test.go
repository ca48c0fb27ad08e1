//go:build unix

package acceptance

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/callboard/callboard/liveapi"
)

// The calls are taken from what the demo prints for curl, and made as they stand there.
func TestDemoStaysUpAndWhatItSaysToTryWorks(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	p := start(t, folder, binary, "demo")
	if p.stdout.find(`(?s)Both stay up until Ctrl-C.*curl -s http://\S+/metrics`, p.ended) == nil {
		t.Fatalf("the demo does not stay up:\n%s%s", p.stdout, p.stderr)
	}
	calls := regexp.MustCompile(`(?m)^curl -s '(http://\S+)' -d '(.*)'$`).FindAllStringSubmatch(p.stdout.String(), -1)
	if len(calls) != 3 {
		t.Fatalf("%d calls to try, want 3:\n%s", len(calls), p.stdout)
	}
	client := httpClient(t, nil)
	for _, call := range calls {
		resp, err := client.Post(call[1], "application/x-www-form-urlencoded", strings.NewReader(call[2])) // as curl says
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var answer liveapi.Envelope
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.ErrorCode != liveapi.CodeOK {
			t.Errorf("%s is answered %v, %v", call[2], answer, err)
		}
	}
	if p.stdout.find(`"Admin_Account":\["alice"\],"opType":"delete"\}\n  It found: .*number 5 of the lane, new`, p.ended) == nil {
		t.Errorf("the callback of the call is not shown:\n%s", tail(p.stdout.String()))
	}
	metrics := regexp.MustCompile(`http://\S+/metrics`).FindString(p.stdout.String())
	resp, err := client.Get(metrics)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(text), "\ncallboard_") {
		t.Errorf("%s has HTTP status %d, %v, and no line of callboard", metrics, resp.StatusCode, err)
	}
	p.signal(t, syscall.SIGINT)
	if code := p.exit(t, stopLimit); code != 0 {
		t.Errorf("Ctrl-C: exit code %d, want 0\n%s", code, p.stderr)
	}
}
