package gap

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/callboard/callboard/callback"
)

// RoundTrip answers a request to the feed, or fails as a network does. Before and after the answer is made, others act.
func (m *model) RoundTrip(r *http.Request) (*http.Response, error) {
	m.during()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if !m.calm && cut(m.dice) {
		return nil, errCut
	}
	status, answer := m.answer(r)
	body, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	if !m.calm {
		status, body = spoil(m.dice, status, body)
	}
	m.during()
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(body)))}, nil
}

var errCut = errors.New("connection reset")

// cut tells whether a request to the feed does not arrive.
func cut(dice *dice) bool { return dice.oneIn(12) }

// spoil does to an answer of the feed what happens to it on the way.
func spoil(dice *dice, status int, body []byte) (int, []byte) {
	if dice.oneIn(25) {
		status, body = http.StatusInternalServerError, []byte("a proxy's page")
	}
	if dice.oneIn(25) && len(body) > 0 {
		body = body[:dice.below(len(body))]
	}
	return status, body
}

func (m *model) answer(r *http.Request) (int, any) {
	q := r.URL.Query()
	if r.Header.Get("Authorization") != "Bearer secret" || q.Get("sdkappid") != strconv.FormatUint(uint64(m.id), 10) {
		return http.StatusForbidden, map[string]any{"Error": "who are you?"}
	}
	switch r.URL.Path {
	case "/callboard/v1/events":
		return m.answerEvents(q)
	case "/callboard/v1/snapshot":
		return m.answerSnapshot(q.Get("after"))
	case "/callboard/v1/head":
		return http.StatusOK, m.answerHead()
	case "/callboard/v1/why":
		return http.StatusOK, m.answerWhy(q.Get("event"))
	case "/callboard/v1/dead":
		return http.StatusOK, m.answerDead()
	case "/callboard/v1/verify":
		return m.answerVerify(r.Body)
	}
	return http.StatusNotFound, map[string]any{"Error": "no such path"}
}

func (m *model) position(seq int64) string { return fmt.Sprintf("%s.%d", m.name, seq) }

func (m *model) gone() (int, any) {
	return http.StatusGone, map[string]any{"Error": "not in the log", "Log": m.name, "Oldest": m.position(m.forgotten),
		"Head": m.position(int64(len(m.events)))}
}

func (m *model) answerEvents(q url.Values) (int, any) {
	head := int64(len(m.events))
	after := m.forgotten
	if text := q.Get("after"); text != "" {
		log, seq, _ := strings.Cut(text, ".")
		n, err := strconv.ParseInt(seq, 10, 64)
		if err != nil {
			return http.StatusBadRequest, map[string]any{"Error": "after is no position"}
		}
		if log != m.name || n < m.forgotten || n > head {
			return m.gone()
		}
		after = n
	}
	limit := 1 + m.dice.below(6) // pages end at their bytes, so a client sees short ones
	page, next := []*event{}, head
	for _, e := range m.events[after:] {
		if lane := q.Get("lane"); lane != "" && lane != e.Lane {
			continue
		}
		if len(page) == limit {
			next = page[limit-1].Seq
			break
		}
		page = append(page, e)
	}
	return http.StatusOK, map[string]any{"Log": m.name, "Events": page, "Next": m.position(next), "Head": m.position(head)}
}

func (m *model) answerSnapshot(after string) (int, any) {
	answer := map[string]any{"Log": m.name, "Position": m.position(int64(len(m.events))), "Next": ""}
	page := []callback.Room{}
	limit := 1 + m.dice.below(3)
	for _, id := range slices.Sorted(maps.Keys(m.life.rooms)) {
		if id <= after {
			continue
		}
		if len(page) == limit {
			answer["Next"] = page[limit-1].RoomID
			break
		}
		r, n := m.life.rooms[id], m.lanes[id]
		page = append(page, callback.Room{RoomID: id, Owner: r.Owner, Administrators: r.Administrators,
			RoomSeq: n.seq, RoomPrev: n.callback, RoomState: callback.RoomState(r.Owner, r.Administrators)})
	}
	answer["Rooms"] = page
	return http.StatusOK, answer
}

func (m *model) answerHead() any {
	waiting := 0
	for _, e := range m.events {
		if e.Callback && !m.sender.settled[e.Seq] {
			waiting++
		}
	}
	return map[string]any{"Log": m.name, "Seq": len(m.events), "Callback": m.last, "Oldest": m.forgotten + 1, "Reader": "callback",
		"Settled": m.settledTo(), "Waiting": waiting, "Held": 0, "Dead": len(m.sender.dead)}
}

// answerWhy knows what Check asks: whether a callback waits.
func (m *model) answerWhy(id string) any {
	state := "unknown"
	for _, e := range m.events {
		switch {
		case e.ID != id:
		case !e.Callback:
			state = "no callback"
		case m.sender.dead[e.Seq]:
			state = "given up"
		case m.sender.settled[e.Seq]:
			state = "settled"
		default:
			state = "waiting"
		}
	}
	return map[string]any{"Event": id, "State": state}
}

// answerDead has the oldest dead letter only.
func (m *model) answerDead() any {
	type letter struct{ Seq int64 }
	page, next := []letter{}, ""
	for _, seq := range slices.Sorted(maps.Keys(m.sender.dead)) {
		if len(page) == 1 {
			next = "more"
			break
		}
		page = append(page, letter{seq})
	}
	return map[string]any{"Log": m.name, "Dead": page, "Next": next}
}

// known is the last callback of a lane, 0 when its room is gone and the log has forgotten it.
func (m *model) known(lane string) int64 {
	if _, exists := m.life.rooms[lane]; exists {
		return m.lanes[lane].callback
	}
	for _, e := range m.events[m.forgotten:] {
		if e.Lane == lane {
			return m.lanes[lane].callback
		}
	}
	return 0
}

func (m *model) answerVerify(body io.Reader) (int, any) {
	type lane struct {
		Lane    string
		RoomSeq int64
	}
	var request struct {
		Log   string
		Lanes []lane
	}
	if err := json.NewDecoder(body).Decode(&request); err != nil || len(request.Lanes) > 1000 {
		return http.StatusBadRequest, map[string]any{"Error": "not a request of verify"}
	}
	if request.Log != m.name {
		return m.gone()
	}
	differ := []lane{}
	for _, l := range request.Lanes {
		if n := m.known(l.Lane); n != l.RoomSeq {
			differ = append(differ, lane{l.Lane, n})
		}
	}
	return http.StatusOK, map[string]any{"Log": m.name, "Position": m.position(int64(len(m.events))), "Differ": differ}
}
