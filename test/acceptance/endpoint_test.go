//go:build unix

package acceptance

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	callbackSecret = "whsec_Y2FsbGJhY2stc2VjcmV0LW9mLXRoZS10ZXN0cw=="
	auditSecret    = "whsec_YXVkaXQtc2VjcmV0LW9mLWFsbC10aGUtdGVzdHM="
	nextSecret     = "whsec_bmV4dC1zZWNyZXQtd2hpbGUtcm90YXRpbmctaXQ="
)

func endpointSection(url string) []string {
	return []string{"endpoints:", "  - {name: audit, url: '" + url + "', token: audit-token, signing_secrets: [" + nextSecret + ", " + auditSecret + "]}"}
}

// Each receiver knows its own token and secret only, and refuses what was not signed for it.
func TestASecondEndpointGetsEveryCallbackSignedForIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first, audit := newBackend(t, "callback-token", accepts, callbackSecret), newBackend(t, "audit-token", accepts, auditSecret)
	c := setup{url: first.url, commands: allCommands(), token: "callback-token", secrets: []string{callbackSecret}}
	s.configure(t, c)
	p := s.serve(t)
	createRoom(t, s.client(t, p), "r1")
	first.wants(t, "before there is an endpoint", got{Lane: "r1", Seq: 1, First: true})
	p.stop(t)

	c.app = endpointSection(audit.url + "?key=query-of-the-audit")
	s.configure(t, c)
	p = s.serve(t)
	addAdmin(t, s.client(t, p), "r1", "alice")
	for _, b := range []*backend{first, audit} { // nothing of before it is sent to the endpoint, and the numbers are one chain
		b.wants(t, "with an endpoint", got{Lane: "r1", Prev: 1, Seq: 2, First: true})
	}

	audit.set(fails)
	addAdmin(t, s.client(t, p), "r1", "bob")
	first.wants(t, "while the endpoint fails", got{Lane: "r1", Prev: 2, Seq: 3, First: true})
	if p.stderr.find(`a lane is held.*reader=endpoint-audit`, p.ended) == nil {
		t.Fatal("the log does not say that the endpoint's lane is held")
	}
	p.stop(t)
	audit.set(accepts)
	p = s.serve(t)
	if d := audit.next(t); d.RoomSeq != 3 || d.Attempt < 2 {
		t.Errorf("after the restart the endpoint gets number %d in attempt %d, want 3 in a later one", d.RoomSeq, d.Attempt)
	}

	s.operate(t, p, "pause", `{"Reader":"endpoint-audit"}`, http.StatusOK, `{"Reader":"endpoint-audit"}`)
	addAdmin(t, s.client(t, p), "r1", "carol")
	first.wants(t, "while the endpoint is paused", got{Lane: "r1", Prev: 3, Seq: 4, First: true})
	s.operate(t, p, "resume", `{"Reader":"endpoint-audit"}`, http.StatusOK, `{"Reader":"endpoint-audit"}`)
	audit.wants(t, "after the pause", got{Lane: "r1", Prev: 3, Seq: 4, First: true})
	s.operate(t, p, "redeliver", `{"Reader":"endpoint-audit","From":4}`, http.StatusOK, `{"Redelivery":"redelivery-1"}`)
	audit.wants(t, "a redelivery to the endpoint", got{Lane: "r1", Prev: 3, Seq: 4, Replay: true, First: true})
	s.operate(t, p, "redeliver", `{"Reader":"endpoint-other"}`, http.StatusNotFound, `"Error"`)

	s.operate(t, p, "pause", `{"Reader":"endpoint-audit"}`, http.StatusOK, `{"Reader":"endpoint-audit"}`)
	addAdmin(t, s.client(t, p), "r1", "dave")
	first.wants(t, "while the endpoint is paused again", got{Lane: "r1", Prev: 4, Seq: 5, First: true})
	s.operate(t, p, "discard", `{"Reader":"endpoint-other"}`, http.StatusNotFound, `no such Reader`)
	s.operate(t, p, "discard", `{"Reader":"endpoint-audit"}`, http.StatusOK, `{"Reader":"endpoint-audit","To":5}`)
	s.operate(t, p, "resume", `{"Reader":"endpoint-audit"}`, http.StatusOK, `{"Reader":"endpoint-audit"}`)
	addAdmin(t, s.client(t, p), "r1", "erin")
	first.wants(t, "nothing of it was discarded", got{Lane: "r1", Prev: 5, Seq: 6, First: true})
	last := audit.next(t)
	if diff := cmp.Diff(got{Lane: "r1", Prev: 5, Seq: 6, Skipped: "5-5", First: true}, whatIs(last)); diff != "" {
		t.Fatalf("what was discarded is announced (-want +got):\n%s", diff)
	}
	o, event := s.operator(p), func(seq int) string { return fmt.Sprintf("%d-%s-%d --reader endpoint-audit", sdkAppID, last.Log, seq) }
	o.until(t, "why "+event(5), `: discarded\n(.|\n)*administrator discarded what waited at .* \(discard\)`)
	o.says(t, "why "+event(1), `: not sent\n\nendpoint-audit began after number 1, `)
	if n := len(first.arrived); n > 0 {
		t.Errorf("%d callbacks more went to the callback URL", n)
	}
	p.stop(t)
	wantNoSecret(t, p, append(s.secrets(), callbackSecret[6:], auditSecret[6:], nextSecret[6:], "audit-token", "query-of-the-audit")...)
}

func TestAnEndpointThatIsTakenAwayAndAddedAgainBeginsAnew(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first, audit := newBackend(t, "", accepts), newBackend(t, "", fails)
	c := setup{url: first.url, commands: allCommands(), app: endpointSection(audit.url)}
	s.configure(t, c)
	p := s.serve(t)
	createRoom(t, s.client(t, p), "r1")
	first.wants(t, "the first", got{Lane: "r1", Seq: 1, First: true})
	if p.stderr.find(`a lane is held.*reader=endpoint-audit`, p.ended) == nil {
		t.Fatal("the log does not say that the endpoint's lane is held")
	}
	p.stop(t)

	gone := c
	gone.app = nil
	s.configure(t, gone)
	p = s.serve(t)
	audit.set(accepts)
	addAdmin(t, s.client(t, p), "r1", "alice")
	first.wants(t, "without the endpoint", got{Lane: "r1", Prev: 1, Seq: 2, First: true})
	s.operate(t, p, "pause", `{"Reader":"endpoint-audit"}`, http.StatusNotFound, `endpoint-NAME`)
	p.stop(t)

	s.configure(t, c)
	p = s.serve(t)
	addAdmin(t, s.client(t, p), "r1", "bob")
	audit.wants(t, "added again", got{Lane: "r1", Prev: 2, Seq: 3, First: true})
	if regexp.MustCompile(`level=ERROR`).MatchString(p.stderr.String()) {
		t.Errorf("errors are logged:\n%s", p.stderr)
	}
}
