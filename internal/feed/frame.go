package feed

import (
	"bytes"

	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// frame is an event as it is written, encoded once for all who read it and never changed.
type frame struct {
	seq   int64
	lane  eventlog.Lane
	text  []byte // of a stream: an id line, a data line, and an empty one
	begin int    // where the JSON begins in text; two line ends follow on it
}

// json is the event alone.
func (f *frame) json() []byte { return f.text[f.begin : len(f.text)-len("\n\n")] }

// size is what the frame counts for in a budget of bytes.
func (f *frame) size() int {
	const fixed = 96 // the frame itself, and what is allocated with its text
	return fixed + len(f.text)
}

// told is an event without its body, in the order of its keys. They are part of the product: see docs/feed.md.
type told struct {
	ID          string `json:"Id"`
	Seq         int64
	Prev        int64
	Lane        string
	RoomSeq     int64
	RoomPrev    int64
	RoomState   string
	Command     string
	Callback    bool
	Time        int64
	Operator    string
	ClientIP    string
	OptPlatform string
	Cause       string
}

// newFrame encodes an event. The body is put in as it is: an encoder would write it anew, and its bytes are what a signature
// covers. It is compact JSON in one line, as wire makes it.
func newFrame(app live.AppID, log string, e *eventlog.Event) frame {
	const keys = 256 // what the names of the fields and the numbers take, about
	buf := bytes.NewBuffer(make([]byte, 0, e.Size()+keys))
	buf.WriteString("id: " + Position{log, e.Seq}.String() + "\ndata: ")
	begin := buf.Len()
	call.Encode(buf, told{
		ID: wire.EventID(app, log, e.Seq), Seq: e.Seq, Prev: e.Prev, Lane: wire.LaneText(e.Lane), RoomSeq: e.RoomSeq, RoomPrev: e.RoomPrev,
		RoomState: e.RoomState, Command: e.Command, Callback: e.Callback, Time: e.Time, Operator: e.Operator,
		ClientIP: e.ClientIP, OptPlatform: e.Platform, Cause: e.Cause,
	})
	buf.Truncate(buf.Len() - len("}"))
	buf.WriteString(`,"Body":`)
	if len(e.Body) == 0 {
		buf.WriteString("null")
	}
	buf.Write(e.Body)
	buf.WriteString("}\n\n")
	return frame{seq: e.Seq, lane: e.Lane, text: buf.Bytes(), begin: begin}
}

func newFrames(app live.AppID, log string, events []eventlog.Event) []frame {
	frames := make([]frame, len(events))
	for i := range events {
		frames[i] = newFrame(app, log, &events[i])
	}
	return frames
}
