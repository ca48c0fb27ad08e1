package callback

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const otherLog = "bbbbbbbb"

// twoPages is a snapshot of three rooms at position 10.
func twoPages(after string) (int, string) {
	if after == "" {
		return http.StatusOK, `{"Log":"` + otherLog + `","Position":"` + otherLog + `.10","Next":"more","Rooms":[` +
			`{"RoomId":"r1","Owner":"eve","Administrators":["ada"],"RoomSeq":7,"RoomPrev":6},{"RoomId":"r2","Owner":"eve","RoomSeq":1}]}`
	}
	return http.StatusOK, `{"Log":"` + otherLog + `","Position":"` + otherLog + `.12","Next":"","Rooms":[` +
		`{"RoomId":"r3","Owner":"eve","RoomSeq":2,"RoomPrev":2}]}`
}

// newer is a server after its log became another one.
func newer() *server {
	return &server{snapshot: twoPages, head: `{"Log":"` + otherLog + `","Seq":12}`, events: func(string, string) (int, string) {
		return http.StatusOK, strings.ReplaceAll(page(12), testLog, otherLog)
	}}
}

func ofOther(roomSeq, roomPrev int64) Delivery {
	d := callbackOf(roomSeq, roomPrev)
	d.Log, d.Seq = otherLog, 10+roomSeq
	return d
}

func TestACallbackOfAnotherLogLeadsToASnapshot(t *testing.T) {
	s := fresh()
	b := newBackend(t, s)
	b.receive(callbackOf(1, 0))
	*s = *newer()
	b.receive(ofOther(6, 5)) // in the snapshot
	b.receive(ofOther(8, 6))
	b.wantHanded("r1 1, snapshot of r1, snapshot of r2, snapshot of r3, r1 8")
}

func TestALateCallbackOfAPastLogIsOKAndHandedToNobody(t *testing.T) {
	s := newer()
	b := newBackend(t, s)
	b.receive(ofOther(8, 6))
	b.receive(callbackOf(1, 0))
	b.wantHanded("snapshot of r1, snapshot of r2, snapshot of r3, r1 8")

	s.head = "" // without the server's word nothing is decided
	if err := b.Receive(t.Context(), callbackOf(1, 0)); err == nil {
		t.Error("Receive = nil though the server did not say which log is current, want an error")
	}
}

func TestASnapshotThatIsNotReadToItsEndChangesNothing(t *testing.T) {
	early := func(_ context.Context, _ *sql.Tx, rooms iter.Seq2[Room, error]) error {
		for _, err := range rooms {
			return err
		}
		return nil
	}
	deaf := func(_ context.Context, _ *sql.Tx, rooms iter.Seq2[Room, error]) error {
		for _, err := range rooms {
			_ = err // it does not look
		}
		return nil
	}
	failing := func(context.Context, *sql.Tx, iter.Seq2[Room, error]) error { return errors.New("disk full") }
	half := func(after string) (int, string) {
		if after != "" {
			return http.StatusBadGateway, ""
		}
		return twoPages("")
	}
	changing := func(after string) (int, string) {
		status, text := twoPages(after)
		if after != "" {
			text = strings.ReplaceAll(text, otherLog, "cccccccc")
		}
		return status, text
	}
	for _, tt := range []struct {
		name       string
		snapshot   func(string) (int, string)
		onSnapshot func(context.Context, *sql.Tx, iter.Seq2[Room, error]) error
	}{
		{"a page is missing", half, nil},
		{"a page is missing, and the App backend does not look", half, deaf},
		{"the log changes", changing, nil},
		{"the App backend stops early", twoPages, early},
		{"the App backend fails", twoPages, failing},
		{"a page names itself as the next", func(string) (int, string) { return twoPages("") }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := fresh()
			b := newBackend(t, s)
			b.receive(callbackOf(1, 0))
			*s = *newer()
			s.snapshot = tt.snapshot
			usual := b.OnSnapshot
			if tt.onSnapshot != nil {
				b.OnSnapshot = tt.onSnapshot
			}
			if err := b.Receive(t.Context(), ofOther(8, 6)); err == nil {
				t.Error("Receive = nil, want an error")
			}
			b.wantHanded("r1 1")
			if stored, err := b.readState(t.Context()); err != nil || stored.log != testLog {
				t.Errorf("stored log = %q, %v; want the one before", stored.log, err)
			}
			s.snapshot, b.OnSnapshot = twoPages, usual
			b.receive(ofOther(8, 6))
			b.wantHanded("r1 1, snapshot of r1, snapshot of r2, snapshot of r3, r1 8")
		})
	}
}

func TestCallbacksDuringAResetAreAnsweredFail(t *testing.T) {
	s := newer()
	b := newBackend(t, s)
	var during error
	s.wait = func(ctx context.Context, _ string) error {
		s.wait = nil
		during = b.Receive(ctx, ofOther(8, 6))
		return nil
	}
	if err := b.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if told := (*Error)(nil); !errors.As(during, &told) {
		t.Errorf("Receive during a reset = %v, want an *Error", during)
	}
	b.receive(ofOther(8, 6))
}

func TestASnapshotGoesOnWhenTheSenderHasLeft(t *testing.T) {
	s := newer()
	b := newBackend(t, s)
	ctx, leave := context.WithCancel(t.Context())
	s.snapshot = func(after string) (int, string) {
		leave()
		return twoPages(after)
	}
	if err := b.Receive(ctx, ofOther(8, 6)); !errors.Is(err, context.Canceled) {
		t.Errorf("Receive = %v, want that the sender has left", err)
	}
	b.receive(ofOther(8, 6))
	b.wantHanded("snapshot of r1, snapshot of r2, snapshot of r3, r1 8")
}

func TestACallbackBelowTheSnapshotIsARepeatThoughItsRoomIsGone(t *testing.T) {
	b := newBackend(t, newer())
	b.receive(ofOther(8, 6))
	d := ofOther(1, 0)
	d.Lane, d.Seq = "r9", 10
	b.receive(d)
	b.wantHanded("snapshot of r1, snapshot of r2, snapshot of r3, r1 8")
}

func TestMirrorsAreNotComparedWhileTheSnapshotIsAheadOfTheCallbacks(t *testing.T) {
	s := newer() // page one is of 10, and at 12 all pages were read
	s.events = func(string, string) (int, string) {
		return http.StatusOK, strings.ReplaceAll(page(10), testLog, otherLog)
	}
	b := newBackend(t, s)
	var compared []int64
	b.Mirror = func(context.Context, *sql.Tx, string) (Account, Accounts, error) { return "eve", nil, nil }
	b.OnMismatch = func(_ context.Context, _ *sql.Tx, m Mismatch) error {
		compared = append(compared, m.Delivery.Seq)
		return nil
	}
	for seq := int64(11); seq <= 13; seq++ {
		d := ofOther(seq-10, seq-11)
		d.Lane, d.RoomState = "r9", "0123456789abcdef"
		b.receive(d)
	}
	if diff := cmp.Diff(compared, []int64{13}); diff != "" {
		t.Errorf("compared (-got +want):\n%s", diff)
	}
}

// A room that was destroyed before the snapshot, and made again.
func TestALaneThatTheSnapshotDoesNotHaveIsReadFromItsPosition(t *testing.T) {
	for _, tt := range []struct {
		name  string
		from  int64 // what the callback announces as skipped begins here; 0: nothing
		first int64 // the Room-Prev of the first callback after the snapshot
		holes string
	}{
		{"nothing was skipped", 0, 41, ""},
		{"all that was skipped is older than the snapshot", 30, 41, ""},
		{"some of it is newer", 30, 35, "36-41"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newer()
			b := newBackend(t, s)
			d := ofOther(42, 41)
			d.Lane = "r9"
			if tt.from > 0 {
				d.SkippedFrom, d.SkippedTo = tt.from, 41
			}
			list := []Delivery{d}
			if tt.first < 41 {
				given := ofOther(41, tt.first)
				given.Lane = "r9"
				list = []Delivery{given, d}
			}
			s.events = func(after, lane string) (int, string) {
				if lane == "" {
					return http.StatusOK, strings.ReplaceAll(page(10), testLog, otherLog)
				}
				if after != otherLog+".10" {
					return http.StatusBadRequest, ""
				}
				return http.StatusOK, strings.ReplaceAll(page(60, list...), testLog, otherLog)
			}
			b.receive(d)
			b.wantHanded("snapshot of r1, snapshot of r2, snapshot of r3, r9 42")
			if got := b.ranges(); got != tt.holes {
				t.Errorf("holes = %q, want %q", got, tt.holes)
			}
		})
	}
}
