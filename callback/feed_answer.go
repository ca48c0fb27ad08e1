package callback

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// position is a place in a log: after the event with this number. Its text is <log>.<seq>, or empty for the beginning.
type position struct {
	log string
	seq int64
}

func (p position) String() string {
	if p.log == "" {
		return ""
	}
	return p.log + "." + strconv.FormatInt(p.seq, 10)
}

// UnmarshalText reads the text of a position that is not empty.
func (p *position) UnmarshalText(text []byte) error {
	log, number, found := strings.Cut(string(text), ".")
	seq, err := strconv.ParseUint(number, 10, 63)
	if !found || log == "" || err != nil {
		return errors.New("want a position such as abcdefgh.12")
	}
	*p = position{log, int64(seq)}
	return nil
}

// eventsPage is the answer of events.
type eventsPage struct {
	Log        string
	Events     []feedEvent
	Next, Head position
}

// feedEvent is an event of the feed: what a callback has in headers, URL and body.
type feedEvent struct {
	ID        string `json:"Id"`
	Seq       int64
	Prev      int64
	Lane      string
	RoomSeq   int64
	RoomPrev  int64
	RoomState string
	Command   Command
	// Callback tells that the event was to be sent as a callback. Others only tell what happened while a switch was off.
	Callback              bool
	Cause                 string
	ClientIP, OptPlatform string
	Body                  json.RawMessage
}

// check refuses a page that would lead an Inbox astray: of another log, out of order, going back.
func (p *eventsPage) check(after position) error {
	if p.Log == "" || p.Next.log != p.Log || p.Head.log != p.Log || after.log != "" && after.log != p.Log {
		return fmt.Errorf("callback: events: asked for log %q, the page is of log %q", after.log, p.Log)
	}
	last := after.seq
	for n := range p.Events {
		e := &p.Events[n]
		if e.Seq <= last || e.RoomSeq < 1 || e.RoomPrev < 0 || e.RoomPrev >= e.RoomSeq || e.Lane == "" {
			return fmt.Errorf("callback: events: number %d of the page is out of order", n+1)
		}
		if !bytes.HasPrefix(e.Body, []byte("{")) {
			return fmt.Errorf("callback: events: number %d of the page has no body", n+1)
		}
		last = e.Seq
	}
	if p.Next.seq < last {
		return errors.New("callback: events: the page goes back")
	}
	return nil
}

// delivery returns the event as its callback would have brought it, but for the headers of the attempt.
func (e *feedEvent) delivery(app uint32, log string) Delivery {
	return Delivery{
		SDKAppID: app, Command: canonical(string(e.Command)), EventID: e.ID, Log: log, Lane: e.Lane,
		Seq: e.Seq, Prev: e.Prev, RoomSeq: e.RoomSeq, RoomPrev: e.RoomPrev, RoomState: e.RoomState,
		Cause: e.Cause, ClientIP: e.ClientIP, OptPlatform: e.OptPlatform, Body: e.Body,
	}
}

// snapshotPage is the answer of snapshot.
type snapshotPage struct {
	Log      string
	Position position
	Rooms    []Room
	Next     string
}

// Room is a room of a snapshot.
type Room struct {
	RoomID         string   `json:"RoomId"`
	Owner          Account  `json:"Owner"`
	Administrators Accounts `json:"Administrators"`
	// RoomSeq counts the changes of the room: callbacks not above it are in the snapshot already. RoomPrev is the number of
	// its last callback.
	RoomSeq  int64 `json:"RoomSeq"`
	RoomPrev int64 `json:"RoomPrev"`
	// RoomState is what RoomState gives for Owner and Administrators.
	RoomState string `json:"RoomState"`
}

// lane is the room's control lane as a header has it.
func (r *Room) lane() string { return url.PathEscape(r.RoomID) }

func (p *snapshotPage) check() error {
	if p.Log == "" || p.Position.log != p.Log {
		return fmt.Errorf("callback: snapshot: a page of log %q has a position of log %q", p.Log, p.Position.log)
	}
	last := ""
	for n := range p.Rooms {
		r := &p.Rooms[n]
		if r.RoomID <= last || r.RoomPrev < 0 || r.RoomSeq < r.RoomPrev {
			return fmt.Errorf("callback: snapshot: room %d of the page is out of order", n+1)
		}
		last = r.RoomID
	}
	return nil
}

// head is the answer of head: how far the log is, and its delivery.
type head struct {
	Log     string
	Seq     int64
	Oldest  int64 // the first event that the log has not forgotten, Seq + 1 when it has none
	Settled int64 // the server is done with every callback up to this Seq
	Waiting int64
	Held    int64
	Dead    int64
}

func (h *head) check() error {
	if h.Log == "" || h.Seq < 0 || h.Settled < 0 || h.Oldest < 0 {
		return errors.New("callback: head: the answer has no log or a number below 0")
	}
	return nil
}

// fate is the answer of why: what became of a callback.
type fate struct{ Event, State string }

func (f *fate) check(event string) error {
	if f.Event != event || f.State == "" {
		return fmt.Errorf("callback: why: asked for event %q, got the state %q of event %q", event, f.State, f.Event)
	}
	return nil
}

// waits tells that the server has not settled the callback, and will send it.
func (f *fate) waits() bool { return f.State == "waiting" }

// lettersPage is the answer of dead. Its log is that of the moment, its numbers may be of one before.
type lettersPage struct {
	Log  string
	Dead []struct{ Seq int64 }
	Next string
}

func (p *lettersPage) check() error {
	if p.Log == "" || len(p.Dead) > 0 && p.Dead[0].Seq < 1 {
		return errors.New("callback: dead: the answer has no log, or a number below 1")
	}
	return nil
}

// laneNumber is a lane and the RoomSeq of its last callback.
type laneNumber struct {
	Lane    string
	RoomSeq int64
}

type verifyRequest struct {
	Log   string
	Lanes []laneNumber
}

// verifyAnswer has the lanes that differ, with the server's numbers; 0: the log knows none.
type verifyAnswer struct {
	Log      string
	Position position
	Differ   []laneNumber
}

func (a *verifyAnswer) check(log string) error {
	if a.Log != log || a.Position.log != log {
		return fmt.Errorf("callback: verify: asked for log %q, the answer is of log %q", log, a.Log)
	}
	for _, l := range a.Differ {
		if l.RoomSeq < 0 || l.Lane == "" {
			return errors.New("callback: verify: a lane of the answer has no name or a number below 0")
		}
	}
	return nil
}
