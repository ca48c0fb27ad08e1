package feed

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/eventlog"
)

// awkward is a body of which an encoder that wrote it anew would change bytes: HTML, escapes, blanks, numbers.
const awkward = `{"RoomId":"r1","RoomName":"<b>&amp;</b> \u003c\u00e9é","Notice":"  ` + "\u2028" + `","n":1.50, "e":1e3,"e":2}`

func TestAnEventHasExactlyTheBytesOfItsCallback(t *testing.T) {
	f := newFrame(1400000001, "abcdefgh", &eventlog.Event{
		Seq: 13, Prev: 12, Lane: "r1", RoomSeq: 3, RoomPrev: 2, RoomState: "0123456789abcdef", Command: "Live.CallbackAfterModifyAdmin",
		Callback: true, Time: 1_700_000_000_000, Operator: `<a>&"b"`, ClientIP: "192.0.2.1", Platform: "RESTAPI", Cause: "Id-1", Body: []byte(awkward),
	})
	const golden = `{"Id":"1400000001-abcdefgh-13","Seq":13,"Prev":12,"Lane":"r1","RoomSeq":3,"RoomPrev":2,"RoomState":"0123456789abcdef",` +
		`"Command":"Live.CallbackAfterModifyAdmin","Callback":true,"Time":1700000000000,"Operator":"<a>&\"b\"","ClientIP":"192.0.2.1",` +
		`"OptPlatform":"RESTAPI","Cause":"Id-1","Body":` + awkward + `}`
	if diff := cmp.Diff(golden, string(f.json())); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("id: abcdefgh.13\ndata: "+golden+"\n\n", string(f.text)); diff != "" {
		t.Errorf("event of a stream (-want +got):\n%s", diff)
	}
	var read struct{ Body json.RawMessage }
	if err := json.Unmarshal(f.json(), &read); err != nil || string(read.Body) != awkward {
		t.Errorf("the body is read as %s, %v, want %s", read.Body, err, awkward)
	}
}

func TestAnEventWithoutABodyIsJSONToo(t *testing.T) {
	f := newFrame(1, "abcdefgh", &eventlog.Event{Seq: 1, Lane: eventlog.AppLane})
	const golden = `{"Id":"1-abcdefgh-1","Seq":1,"Prev":0,"Lane":"@app","RoomSeq":0,"RoomPrev":0,"RoomState":"","Command":"","Callback":false,` +
		`"Time":0,"Operator":"","ClientIP":"","OptPlatform":"","Cause":"","Body":null}`
	if diff := cmp.Diff(golden, string(f.json())); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func BenchmarkEncodeEvent(b *testing.B) {
	e := eventlog.Event{Seq: 13, Lane: "r1", Command: "Live.CallbackAfterModifyAdmin", Operator: "administrator", Body: []byte(awkward)}
	b.ReportAllocs()
	for b.Loop() {
		newFrame(1400000001, "abcdefgh", &e)
	}
}
