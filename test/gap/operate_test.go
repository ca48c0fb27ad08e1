package gap

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

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

// discard ends the wait of what was not delivered yet; the next callbacks announce it.
func (s *server) discard() {
	var answer struct{ To int64 }
	s.ask(http.MethodPost, "discard", url.Values{}, `{}`, &answer)
}

// redeliver sends again what was given up and, when all is calm, the whole log: what was discarded is no dead letter. Then it
// waits until no hole is left. A redelivery goes on by itself, so there is no other one to ask for.
func (s *server) redeliver() bool {
	which := `{"DeadOnly":true}`
	if s.run.calm.Load() {
		which = `{}`
	}
	var answer struct{ Redelivery string }
	s.ask(http.MethodPost, "redeliver", url.Values{}, which, &answer)
	for n := 0; s.run.calm.Load() && n < 1000 && s.lacking(); n++ {
		s.send()
	}
	return false
}

// lacking tells whether something that was given up or discarded has not arrived.
func (s *server) lacking() bool {
	var holes int
	if err := s.run.site.pools[0].QueryRowContext(s.t.Context(), `SELECT count(*) FROM callboard_hole WHERE app = $1`,
		s.run.mirror.app).Scan(&holes); err != nil {
		s.t.Fatal(err)
	}
	return holes > 0 || s.head().Dead > 0
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
