package callback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fresh is a server whose snapshot is empty, at the beginning of the log.
func fresh() *server {
	return &server{snapshot: emptySnapshot(testLog + ".0"), head: `{"Log":"` + testLog + `","Seq":0}`, events: nothing}
}

func TestACallbackIsHandedOverOnce(t *testing.T) {
	b := newBackend(t, fresh())
	b.receive(callbackOf(1, 0))
	b.receive(callbackOf(2, 1))
	b.receive(callbackOf(1, 0))
	b.receive(callbackOf(2, 1))
	b.wantHanded("r1 1, r1 2")
}

func TestATransactionThatRollsBackGetsItsCallbackAgain(t *testing.T) {
	for _, tt := range []struct {
		name string
		fail func(*backend)
	}{
		{"an error", func(b *backend) { b.fail = errors.New("no") }},
		{"a panic", func(b *backend) { b.seen = func(*Delivery) { panic("no") } }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBackend(t, fresh())
			b.receive(callbackOf(1, 0))
			tt.fail(b)
			if err := b.Receive(t.Context(), callbackOf(2, 1)); err == nil {
				t.Error("Receive = nil for a function that failed, want its error")
			}
			b.wantHanded("r1 1")
			b.fail, b.seen = nil, nil
			b.receive(callbackOf(2, 1))
			b.wantHanded("r1 1, r1 2")
		})
	}
}

func TestNumbersWithoutACallbackAreNoGap(t *testing.T) {
	b := newBackend(t, fresh())
	b.receive(callbackOf(1, 0))
	b.receive(callbackOf(7, 1)) // 2 to 6 happened while a switch was off
	b.wantHanded("r1 1, r1 7")
}

func TestAGapIsCaughtUpOverTheFeed(t *testing.T) {
	s := fresh()
	b := newBackend(t, s)
	b.receive(callbackOf(1, 0))
	s.events = func(after, lane string) (int, string) {
		if after != testLog+".1" || lane != "r1" {
			return http.StatusBadRequest, "{}"
		}
		return http.StatusOK, page(4, callbackOf(2, 1), callbackOf(3, 2), callbackOf(4, 3))
	}
	b.receive(callbackOf(4, 3))
	b.wantHanded("r1 1, r1 2, r1 3, r1 4")
}

func TestAGapThatCannotBeCaughtUpIsAnErrorAndSkipsNothing(t *testing.T) {
	for _, tt := range []struct {
		name   string
		events func(string, string) (int, string)
		want   string // what is handed over meanwhile
	}{
		{"the feed is away", func(string, string) (int, string) { return http.StatusBadGateway, "" }, "r1 1"},
		{"the feed ends before the callback", func(string, string) (int, string) { return http.StatusOK, page(3, callbackOf(2, 1)) }, "r1 1, r1 2"},
		{"the feed does not go on", func(string, string) (int, string) { return http.StatusOK, page(1) }, "r1 1"},
		{"an answer of another lane", func(string, string) (int, string) {
			d := callbackOf(2, 1)
			d.Lane = "r2"
			return http.StatusOK, page(4, d)
		}, "r1 1"},
		{"an answer that does not decode", func(string, string) (int, string) { return http.StatusOK, `{"Log":` }, "r1 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := fresh()
			b := newBackend(t, s)
			b.receive(callbackOf(1, 0))
			s.events = tt.events
			err := b.Receive(t.Context(), callbackOf(4, 3))
			if told := (*Error)(nil); !errors.As(err, &told) || !strings.Contains(told.Info, "lane r1 after 1 and before 4") {
				t.Errorf("Receive = %v, want an *Error that names the gap", err)
			}
			b.wantHanded(tt.want)
		})
	}
}

func TestWhatIsSkippedIsAHoleThatARedeliveryFills(t *testing.T) {
	b := newBackend(t, fresh())
	b.receive(callbackOf(1, 0))
	after := callbackOf(6, 5)
	after.Skipped, after.SkippedFrom, after.SkippedTo = "2-5", 2, 5
	b.receive(after)
	b.wantHanded("r1 1, r1 6")
	if got, want := b.ranges(), "2-5"; got != want {
		t.Errorf("holes = %s, want %s", got, want)
	}
	for _, step := range []struct {
		roomSeq, roomPrev int64
		holes             string
	}{
		{4, 2, "2-2 5-5"}, // 3 is no callback
		{4, 2, "2-2 5-5"},
		{2, 1, "5-5"},
		{5, 4, ""},
		{5, 4, ""},
	} {
		d := callbackOf(step.roomSeq, step.roomPrev)
		d.Replay = true
		b.receive(d)
		if got := b.ranges(); got != step.holes {
			t.Errorf("holes after %d = %q, want %q", step.roomSeq, got, step.holes)
		}
	}
	b.wantHanded("r1 1, r1 6, r1 4, r1 2, r1 5")
	if diff := cmp.Diff(b.late, map[int64]bool{4: true, 2: true, 5: true}); diff != "" {
		t.Errorf("late (-got +want):\n%s", diff)
	}
}

func (b *backend) ranges() string {
	b.t.Helper()
	holes, err := b.holes(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var list []string
	for _, h := range holes {
		list = append(list, fmt.Sprintf("%d-%d", h.From, h.To))
	}
	return strings.Join(list, " ")
}

func TestWhatWasAcceptedBeforeItWasGivenUpIsNoHole(t *testing.T) {
	b := newBackend(t, fresh())
	b.receive(callbackOf(1, 0))
	b.receive(callbackOf(2, 1)) // the answer is lost, and the server gives 2 and 3 up
	d := callbackOf(4, 3)
	d.Skipped, d.SkippedFrom, d.SkippedTo = "2-3", 2, 3
	b.receive(d)
	if got, want := b.ranges(), "3-3"; got != want {
		t.Errorf("holes = %s, want %s", got, want)
	}
}

func TestFirstContactWithoutASnapshotIsAcceptedOnlyWhenAskedFor(t *testing.T) {
	b := newBackend(t, fresh())
	b.Feed.URL = ""
	if err := b.Receive(t.Context(), callbackOf(5, 4)); err == nil || !strings.Contains(err.Error(), "WithoutSnapshot") {
		t.Errorf("Receive = %v, want an error that names the field", err)
	}
	b.WithoutSnapshot = true
	b.receive(callbackOf(5, 4))
	b.receive(callbackOf(5, 4))
	b.receive(callbackOf(6, 5))
	if err := b.Receive(t.Context(), callbackOf(9, 8)); err == nil {
		t.Error("Receive = nil for a gap of a lane that is known, want an error")
	}
	b.wantHanded("r1 5, r1 6")
}

func TestWithoutAFeedAPastLogDoesNotComeBack(t *testing.T) {
	b := newBackend(t, fresh())
	b.Feed.URL, b.WithoutSnapshot = "", true
	newer := callbackOf(1, 0)
	newer.Log = "bbbbbbbb"
	b.receive(callbackOf(1, 0))
	b.receive(newer)
	b.receive(callbackOf(2, 1)) // of the past log: OK, and handed over to nobody
	b.receive(newer)
	b.wantHanded("r1 1, r1 1")
}

func TestACallbackWithoutNumbersIsRefused(t *testing.T) {
	b := newBackend(t, fresh())
	for name, change := range map[string]func(*Delivery){
		"another App":   func(d *Delivery) { d.SDKAppID++ },
		"no log":        func(d *Delivery) { d.Log = "" },
		"no lane":       func(d *Delivery) { d.Lane = "" },
		"no Seq":        func(d *Delivery) { d.Seq = 0 },
		"no Room-Seq":   func(d *Delivery) { d.RoomSeq, d.RoomPrev = 0, 0 },
		"Room-Prev not": func(d *Delivery) { d.RoomPrev = d.RoomSeq },
	} {
		d := callbackOf(1, 0)
		change(&d)
		if err := b.Receive(t.Context(), d); err == nil {
			t.Errorf("%s: Receive = nil, want an error", name)
		}
	}
	b.wantHanded("")
}

func TestAnInboxSaysWhichFieldIsMissing(t *testing.T) {
	for field, change := range map[string]func(*Inbox){
		"Inbox.SDKAppID":   func(i *Inbox) { i.SDKAppID = 0 },
		"Inbox.Dialect":    func(i *Inbox) { i.Dialect = 0 },
		"Inbox.OnCallback": func(i *Inbox) { i.OnCallback = nil },
		"Inbox.DB":         func(i *Inbox) { i.DB = nil },
	} {
		t.Run(field, func(t *testing.T) {
			i := newBackend(t, fresh()).Inbox
			change(i)
			for name, err := range map[string]error{
				"Receive": i.Receive(t.Context(), callbackOf(1, 0)), "CatchUp": i.CatchUp(t.Context()), "Reset": i.Reset(t.Context()),
			} {
				if err == nil || !strings.Contains(err.Error(), field) {
					t.Errorf("%s = %v, want %s in it", name, err, field)
				}
			}
		})
	}
}

func TestAMirrorThatIsWrongIsReported(t *testing.T) {
	b := newBackend(t, fresh())
	owner := Account("eve")
	b.Mirror = func(context.Context, *sql.Tx, string) (Account, Accounts, error) {
		return owner, Accounts{"bob", "ada"}, nil
	}
	var got []Mismatch
	b.OnMismatch = func(_ context.Context, _ *sql.Tx, m Mismatch) error {
		got = append(got, m)
		return nil
	}
	right, wrong, none := callbackOf(1, 0), callbackOf(2, 1), callbackOf(3, 2)
	right.RoomState, wrong.RoomState = RoomState("eve", Accounts{"ada", "bob"}), RoomState("eve", nil)
	b.receive(right)
	b.receive(wrong)
	b.receive(wrong)
	b.receive(none)
	want := []Mismatch{{RoomID: "r1", Delivery: wrong, Owner: "eve", Administrators: Accounts{"bob", "ada"}, RoomState: right.RoomState}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("mismatches (-got +want):\n%s", diff)
	}
}

func TestHandlerGivesEveryCommandToOnAnyAndToNobodyElse(t *testing.T) {
	var got []Command
	h := &Handler{SDKAppID: ownID, ErrorLog: quiet,
		OnModifyAdmin: func(context.Context, Delivery, ModifyAdmin) error { t.Error("OnModifyAdmin was called"); return nil },
		OnOther:       func(context.Context, Delivery) error { t.Error("OnOther was called"); return nil },
		OnAny: func(_ context.Context, d Delivery) error {
			got = append(got, d.Command)
			return nil
		},
	}
	post(t, h, seedQuery, sampleModifyAdmin)
	post(t, h, "SdkAppid=1400000001&CallbackCommand=Live.Unheard", `{"CallbackCommand":"Live.Unheard"}`)
	if status, _ := post(t, h, seedQuery, strings.Replace(sampleModifyAdmin, `"admin"`, "{}", 1)); status != http.StatusBadRequest {
		t.Errorf("status of a broken packet = %d, want 400", status)
	}
	if diff := cmp.Diff(got, []Command{CommandAfterModifyAdmin, "Live.Unheard"}); diff != "" {
		t.Errorf("commands (-got +want):\n%s", diff)
	}
}
