package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/callboard/callboard/usersig"
)

// kind is what an operator asks for.
type kind string

// Operations below /callboard/v1/.
const (
	askRedeliver kind = "redeliver"
	askPause     kind = "pause"
	askResume    kind = "resume"
)

// theCallback names the reader of the callback URL.
const theCallback = "callback"

// ask is one call of an operator with its outcome.
type ask struct {
	kind kind
	// reader is the one to pause or to resume, and the name of a redelivery once it is known.
	reader string
	// What to redeliver: from and to are 0 for the beginning and the end of the log, lane is empty for all.
	from, to int64
	lane     string
	deadOnly bool

	// start is a tick before the ask, end one after its outcome was fixed, as those of a call.
	start, end int64
	life       int
	outcome    outcome
	status     int // of the answer, 0 without one
}

// covers tells whether a redelivery that was asked for names an event.
func (a *ask) covers(h *head) bool {
	return a.kind == askRedeliver && a.outcome != refused && (a.lane == "" || a.lane == h.Lane) &&
		h.Seq >= a.from && (a.to == 0 || h.Seq <= a.to)
}

// operator asks one process for operations and records them.
type operator struct {
	client   *http.Client
	base     string // up to the name of the operation
	query    string
	recorder *recorder
}

func newOperator(t *testing.T, r *recorder, address string, transport *http.Transport) *operator {
	t.Helper()
	const identifier = "worker-0"
	sig, err := usersig.New(key, usersig.Claims{SDKAppID: sdkAppID, Identifier: identifier, Expire: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	q := url.Values{"sdkappid": {strconv.Itoa(sdkAppID)}, "identifier": {identifier}, "usersig": {sig}}
	return &operator{
		client: &http.Client{Transport: transport, Timeout: 10 * time.Second},
		base:   "http://" + address + "/callboard/v1/", query: "?" + q.Encode(), recorder: r,
	}
}

// do asks and fills in what became of it. A 503 leaves open whether it is done, as no answer does.
func (o *operator) do(a *ask) {
	o.recorder.ask(a)
	status, name, err := o.send(context.Background(), a) // the client has a timeout
	if err != nil || status == http.StatusServiceUnavailable {
		return // its end is that of the process
	}
	a.status, a.outcome = status, refused
	if status == http.StatusOK {
		a.outcome = done
	}
	if a.kind == askRedeliver {
		a.reader = name
	}
	a.end = o.recorder.clock.tick()
}

func (o *operator) send(ctx context.Context, a *ask) (status int, name string, err error) {
	what := map[string]any{"Reader": a.reader}
	if a.kind == askRedeliver {
		what = map[string]any{"From": a.from, "To": a.to, "Lane": a.lane, "DeadOnly": a.deadOnly}
	}
	body, err := json.Marshal(what)
	if err != nil {
		return 0, "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.base+string(a.kind)+o.query, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	resp, err := o.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, "", err
	}
	var answer struct{ Redelivery string }
	if err := json.Unmarshal(text, &answer); err != nil {
		return 0, "", fmt.Errorf("answer of %s: %w", a.kind, err)
	}
	return resp.StatusCode, answer.Redelivery, nil
}

// ask notes that an operator is about to ask.
func (r *recorder) ask(a *ask) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.start, a.life, a.outcome = r.clock.tick(), r.life, unknown
	r.history.asks = append(r.history.asks, a)
}

// mayBePaused tells whether the callback is paused for all that is known.
func (r *recorder) mayBePaused() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.history.asks) - 1; i >= 0; i-- {
		switch a := r.history.asks[i]; {
		case a.reader != theCallback:
		case a.outcome == done:
			return a.kind == askPause
		case a.kind == askPause:
			return true
		}
	}
	return false
}

// noneDead notes that the replay of every dead letter was accepted.
func (r *recorder) noneDead() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history.emptied = r.clock.tick()
}

// newestSeq is the largest number that has arrived.
func (r *recorder) newestSeq() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.newest
}

// redeliveries counts the redeliveries that may have been made.
func (r *recorder) redeliveries() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, a := range r.history.asks {
		if a.kind == askRedeliver && a.outcome != refused {
			n++
		}
	}
	return n
}

// pausedRedeliveries are those that are paused for all that is known; they may have ended.
func (r *recorder) pausedRedeliveries() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	paused := map[string]bool{}
	for _, a := range r.history.asks {
		switch {
		case a.reader == theCallback || a.kind == askRedeliver:
		case a.kind == askPause && a.outcome != refused:
			paused[a.reader] = true
		case a.kind == askResume && a.outcome != unknown:
			delete(paused, a.reader)
		}
	}
	return slices.Sorted(maps.Keys(paused))
}

// unsent returns, in words, a redelivery that has not sent all that it has to, nil when there is none.
func (r *recorder) unsent() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := &checker{history: &r.history, byID: map[string]*event{}}
	c.collect()
	c.checkRedeliveries()
	return c.found
}

// describe is an ask for a person.
func (a *ask) describe() string {
	switch a.kind {
	case askRedeliver:
		return fmt.Sprintf("%s %s of %d to %d, lane %q, dead letters only: %t (%s, life %d)", a.kind, a.reader, a.from, a.to, a.lane, a.deadOnly, a.outcome, a.life)
	default:
		return fmt.Sprintf("%s of %s (%s, life %d)", a.kind, a.reader, a.outcome, a.life)
	}
}
