package feed_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
)

func (w *world) wantAnswerOf(what, call, body, want string) {
	w.Helper()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	status, got := w.call(request(w.Context(), method, call, body))
	if diff := cmp.Diff(want, strings.TrimSpace(got)); diff != "" || status != http.StatusOK {
		w.Errorf("%s: HTTP %d (-want +got):\n%s", what, status, diff)
	}
}

func TestHeadTellsHowFarAReaderIs(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			w.wantAnswerOf("nothing happened", "head", "", `{"Log":"abcdefgh","Seq":0,"Callback":0,"Oldest":1,"Reader":"callback","Settled":0,`+
				`"Waiting":0,"Held":0,"Dead":0,"OldestWaiting":0,"OldestWaitingTime":0,"Paused":""}`)
			quiet := event("r", "{}")
			quiet.Callback = false
			w.append(event("r", "{}"), event("q", "{}"), quiet, event("q", "{}"), event("r", "{}"), quiet)
			w.wantAnswerOf("nothing settled", "head?reader=callback", "", `{"Log":"abcdefgh","Seq":6,"Callback":5,"Oldest":1,"Reader":"callback","Settled":0,`+
				`"Waiting":4,"Held":0,"Dead":0,"OldestWaiting":1,"OldestWaitingTime":1700000000000,"Paused":""}`)
			w.settle(delivery.Settlement{
				Cursor: eventlog.NewCursor(5), Paused: "asked for", Dead: []eventlog.Dead{{Seq: 1, At: time.Now(), Why: "500", Attempts: 3}},
				Hold: []eventlog.Held{{Lane: "q", Next: 4}},
			})
			w.wantAnswerOf("a held lane", "head", "", `{"Log":"abcdefgh","Seq":6,"Callback":5,"Oldest":1,"Reader":"callback","Settled":3,`+
				`"Waiting":1,"Held":1,"Dead":1,"OldestWaiting":4,"OldestWaitingTime":1700000000000,"Paused":"asked for"}`)
			w.settle(delivery.Settlement{Cursor: eventlog.NewCursor(6), Release: []eventlog.Lane{"q"}})
			w.forget(2)
			w.wantAnswerOf("all settled", "head", "", `{"Log":"abcdefgh","Seq":6,"Callback":5,"Oldest":3,"Reader":"callback","Settled":6,`+
				`"Waiting":0,"Held":0,"Dead":1,"OldestWaiting":0,"OldestWaitingTime":0,"Paused":""}`)
		})
	}
}

func TestVerifyNamesTheLanesThatDiffer(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t))
			w.create("r1")
			w.modify("r1", 3)
			w.create("r2")
			members := event("r1/members", "{}")
			members.RoomSeq = 7
			w.append(members)
			w.wantAnswerOf("all is right", "verify", `{"Log":"abcdefgh","Lanes":[{"Lane":"r1","RoomSeq":4},{"Lane":"r2","RoomSeq":1},{"Lane":"r1/members","RoomSeq":7},{"Lane":"@app"}]}`,
				`{"Log":"abcdefgh","Position":"abcdefgh.6","Differ":[]}`)
			w.wantAnswerOf("some differ", "verify", `{"Log":"abcdefgh","Lanes":[{"Lane":"r1","RoomSeq":3},{"Lane":"r2","RoomSeq":2},{"Lane":"r%31/members","RoomSeq":8},{"Lane":"r3","RoomSeq":1}]}`,
				`{"Log":"abcdefgh","Position":"abcdefgh.6","Differ":[{"Lane":"r1","RoomSeq":4},{"Lane":"r2","RoomSeq":1},{"Lane":"r%31/members","RoomSeq":7},{"Lane":"r3","RoomSeq":0}]}`)
			w.wantAnswerOf("no lane", "verify", `{"Log":"abcdefgh"}`, `{"Log":"abcdefgh","Position":"abcdefgh.6","Differ":[]}`)
		})
	}
}
