package gap

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"

	"github.com/callboard/callboard/callback"
)

// sender is how far the delivery of a log is. What it has in memory is stored from time to time and falls back to that when
// the process ends.
type sender struct {
	settled  map[int64]bool
	attempts map[int64]int
	skipped  map[string][2]int64 // announcements, by lane
	dead     map[int64]bool      // given up, and not sent again with success
}

func newSender() sender {
	return sender{settled: map[int64]bool{}, attempts: map[int64]int{}, skipped: map[string][2]int64{}, dead: map[int64]bool{}}
}

func (s *sender) clone() sender {
	return sender{maps.Clone(s.settled), maps.Clone(s.attempts), maps.Clone(s.skipped), maps.Clone(s.dead)}
}

func (m *model) restart() { m.sender = m.saved.clone() }

// settledTo is the last number up to which no callback waits.
func (m *model) settledTo() int64 {
	for _, e := range m.events {
		if e.Callback && !m.sender.settled[e.Seq] {
			return e.Seq - 1
		}
	}
	return int64(len(m.events))
}

// waiting has the first callback of each lane that is not settled.
func (m *model) waiting() []*event {
	var first []*event
	lanes := map[string]bool{}
	for _, e := range m.events {
		if e.Callback && !m.sender.settled[e.Seq] && !lanes[e.Lane] {
			lanes[e.Lane] = true
			first = append(first, e)
		}
	}
	return first
}

func (m *model) idle() bool { return len(m.waiting()) == 0 }

// send makes one attempt.
func (m *model) send() {
	waiting := m.waiting()
	if len(waiting) == 0 {
		return
	}
	e := waiting[m.dice.below(len(waiting))]
	log := m.name
	skipped := m.sender.skipped[e.Lane]
	if skipped[1] != e.RoomPrev {
		skipped = [2]int64{}
	}
	m.sender.attempts[e.Seq]++
	accepted := m.attempt(e, skipped, false)
	if log != m.name {
		return // the process that sent it is no more
	}
	switch {
	case accepted, m.cloud:
		m.sender.settled[e.Seq] = true
		delete(m.sender.skipped, e.Lane)
	case m.sender.attempts[e.Seq] >= 3 && !m.calm && m.dice.oneIn(3):
		m.giveUp(e)
	}
	if m.dice.oneIn(4) {
		m.saved = m.sender.clone()
	}
}

func (m *model) giveUp(e *event) {
	s := m.sender.skipped[e.Lane]
	if s[1] == 0 || s[1] != e.RoomPrev {
		s[0] = e.RoomSeq
	}
	s[1] = e.RoomSeq
	m.sender.skipped[e.Lane] = s
	m.sender.settled[e.Seq], m.sender.dead[e.Seq] = true, true
}

func (m *model) redeliver() bool {
	dead := slices.Sorted(maps.Keys(m.sender.dead))
	if len(dead) == 0 {
		return false
	}
	seq := dead[m.dice.below(len(dead))]
	if log := m.name; m.attempt(m.events[seq-1], [2]int64{}, true) && log == m.name {
		delete(m.sender.dead, seq)
		m.saved = m.sender.clone()
	}
	return len(m.sender.dead) > 0
}

// attempt posts a callback and tells whether the answer accepts it.
func (m *model) attempt(e *event, skipped [2]int64, replay bool) bool {
	w := httptest.NewRecorder()
	m.proxy.ServeHTTP(w, m.post(e, skipped, replay))
	return accepts(w)
}

// post is the request of a callback.
func (m *model) post(e *event, skipped [2]int64, replay bool) *http.Request {
	target := fmt.Sprintf("/?SdkAppid=%d&CallbackCommand=%s&contenttype=json", m.id, e.Command)
	request := httptest.NewRequest(http.MethodPost, target, strings.NewReader(string(e.Body)))
	for name, value := range map[string]string{
		callback.HeaderEventID: e.ID, callback.HeaderLog: m.name, callback.HeaderLane: e.Lane, callback.HeaderRoomState: e.RoomState,
		callback.HeaderSeq: number(e.Seq), callback.HeaderPrev: number(e.Prev),
		callback.HeaderRoomSeq: number(e.RoomSeq), callback.HeaderRoomPrev: number(e.RoomPrev),
		callback.HeaderAttempt: strconv.Itoa(m.sender.attempts[e.Seq]),
	} {
		request.Header.Set(name, value)
	}
	if skipped[1] > 0 {
		request.Header.Set(callback.HeaderSkipped, number(skipped[0])+"-"+number(skipped[1]))
	}
	if replay {
		request.Header.Set(callback.HeaderReplay, "true")
	}
	return request
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func accepts(w *httptest.ResponseRecorder) bool {
	var answer callback.Answer
	return w.Code == http.StatusOK && json.Unmarshal(w.Body.Bytes(), &answer) == nil && answer.ActionStatus == callback.StatusOK
}
