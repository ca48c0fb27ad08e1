package callback

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzAnswersOfTheFeedThatPassAreInOrder(f *testing.F) {
	f.Add([]byte(page(3, callbackOf(1, 0), callbackOf(3, 1))), testLog, int64(0))
	f.Add([]byte(`{"Log":"abcdefgh","Events":null,"Next":"abcdefgh.9223372036854775807","Head":"abcdefgh.0"}`), "", int64(7))
	f.Add([]byte(`{"Log":"abcdefgh","Position":"abcdefgh.3","Rooms":[{"RoomId":"r1","Owner":14411521663166782,"RoomSeq":2}],"Next":"x"}`), testLog, int64(0))
	f.Add([]byte(`{"Log":"abcdefgh","Seq":3,"Settled":3}`), testLog, int64(0))
	f.Add([]byte(`{"Log":"abcdefgh","Position":"abcdefgh.3","Differ":[{"Lane":"r1","RoomSeq":0}]}`), testLog, int64(0))
	f.Add([]byte(`{"Log":"x.1","Next":".","Head":"x.-1"}`), "x", int64(0))
	f.Fuzz(func(t *testing.T, text []byte, log string, seq int64) {
		after := position{log, seq}
		if p := new(eventsPage); json.Unmarshal(text, p) == nil && p.check(after) == nil {
			last := after.seq
			for n := range p.Events {
				d := p.Events[n].delivery(ownID, p.Log)
				if d.Seq <= last || d.RoomSeq < 1 || d.RoomPrev >= d.RoomSeq || d.Lane == "" || !json.Valid(d.Body) {
					t.Errorf("event %d of a page that passed: %+v", n, d)
				}
				last = d.Seq
			}
			if p.Next.seq < last || p.Next.log != p.Log {
				t.Errorf("a page that passed goes on at %s, after %d", p.Next, last)
			}
		}
		if p := new(snapshotPage); json.Unmarshal(text, p) == nil && p.check() == nil {
			for _, r := range p.Rooms {
				if r.RoomID == "" || r.RoomPrev > r.RoomSeq || strings.ContainsAny(r.lane(), "/ ") {
					t.Errorf("a room of a page that passed: %+v", r)
				}
			}
		}
		if h := new(head); json.Unmarshal(text, h) == nil && h.check() == nil && h.Log == "" {
			t.Error("a head that passed has no log")
		}
		if a := new(verifyAnswer); json.Unmarshal(text, a) == nil && a.check(log) == nil && a.Log != log {
			t.Errorf("an answer that passed is of log %q, want %q", a.Log, log)
		}
		if reason := reasonOf(text); len(reason) > 210 {
			t.Errorf("a reason has %d bytes", len(reason))
		}
	})
}

func FuzzPositionsThatAreReadAreWrittenTheSame(f *testing.F) {
	f.Add("abcdefgh.12")
	f.Add("abcdefgh.012")
	f.Add(".1")
	f.Fuzz(func(t *testing.T, text string) {
		var p, again position
		if p.UnmarshalText([]byte(text)) != nil {
			return
		}
		if err := again.UnmarshalText([]byte(p.String())); err != nil || again != p || p.seq < 0 || p.log == "" {
			t.Errorf("%q is read as %+v, and that as %+v, %v", text, p, again, err)
		}
	})
}
