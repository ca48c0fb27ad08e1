package callback

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// three is a server whose log has three callbacks of room r1, after a snapshot of nothing.
func three() *server {
	s := fresh()
	s.head = `{"Log":"` + testLog + `","Seq":3,"Settled":1,"Waiting":2}`
	s.verify = `{"Log":"` + testLog + `","Position":"` + testLog + `.3","Differ":[]}`
	s.events = func(after, _ string) (int, string) {
		seq := after[len(after)-1] - '0'
		return http.StatusOK, page(3, []Delivery{callbackOf(1, 0), callbackOf(2, 1), callbackOf(3, 2)}[seq:]...)
	}
	return s
}

func TestCheckHandsOverWhatIsMissingAndProvesTheRest(t *testing.T) {
	b := newBackend(t, three())
	report, err := b.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := &Report{Log: testLog, Seq: 3, Lanes: 1, Waiting: 2}
	if diff := cmp.Diff(report, want); diff != "" || !report.Complete() {
		t.Errorf("report (-got +want):\n%s", diff)
	}
	b.wantHanded("r1 1, r1 2, r1 3")
	b.receive(callbackOf(2, 1)) // what was read is a repeat when it arrives
	b.wantHanded("r1 1, r1 2, r1 3")
}

func TestCheckSaysOfEachCallbackWhetherItIsLateOrLost(t *testing.T) {
	refused := errors.New("refused")
	late := Missing{Lane: "r1", RoomSeq: 2, Seq: 2, Late: true, Err: refused}
	lost := late
	lost.Late = false
	for _, tt := range []struct {
		name, state string
		want        Missing
	}{
		{"the server will send it", "waiting", late},
		{"the server has delivered it, and an earlier one of another lane waits", "delivered", lost},
		{"it was given up, and an earlier one waits", "given up", lost},
		{"it was discarded, which is not settled yet", "discarded", lost},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, p place) {
				s := three() // of which the first is the last that is settled without a gap
				s.fate = func(event string) string {
					if event != "1400000001-abcdefgh-2" {
						t.Errorf("why was asked for %s", event)
					}
					return tt.state
				}
				b := p.backend(t, s)
				b.seen = func(d *Delivery) {
					b.fail = nil
					if d.RoomSeq == 2 {
						b.fail = refused
					}
				}
				report, err := b.Check(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(report.Missing, []Missing{tt.want}, cmpopts.EquateErrors()); diff != "" {
					t.Errorf("missing (-got +want):\n%s", diff)
				}
				b.wantHanded("r1 1") // nothing overtakes what failed
			})
		})
	}
}

func TestCheckAsksForNoFateWhenNothingWaits(t *testing.T) {
	s := three()
	s.head = `{"Log":"` + testLog + `","Seq":3,"Settled":3,"Waiting":0}`
	b := newBackend(t, s)
	b.fail = errors.New("refused")
	report, err := b.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Missing) != 1 || report.Missing[0].Late {
		t.Errorf("missing = %+v, want one that is lost", report.Missing)
	}
}

func TestCheckComparesEveryLaneWithTheServer(t *testing.T) {
	for _, tt := range []struct {
		name    string
		verify  string // the server's position and the lane's last callback
		missing []Missing
		lanes   int // that are left
	}{
		{"a callback came meanwhile", `4","Differ":[{"Lane":"r1","RoomSeq":4}]}`, nil, 1},
		{"the tables were changed by hand", `3","Differ":[{"Lane":"r1","RoomSeq":9}]}`, []Missing{{Lane: "r1", RoomSeq: 9, Err: cmpopts.AnyError}}, 1},
		{"the server has less", `3","Differ":[{"Lane":"r1","RoomSeq":1}]}`, []Missing{{Lane: "r1", RoomSeq: 1, Err: cmpopts.AnyError}}, 1},
		{"the server has forgotten the lane", `3","Differ":[{"Lane":"r1","RoomSeq":0}]}`, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := three()
			b := newBackend(t, s)
			if err := b.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.verify = `{"Log":"` + testLog + `","Position":"` + testLog + `.` + tt.verify
			usual := s.events
			s.events = func(after, lane string) (int, string) {
				if lane == "" {
					return usual(after, lane)
				}
				return http.StatusOK, page(4, callbackOf(4, 3))
			}
			report, err := b.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(report.Missing, tt.missing, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("missing (-got +want):\n%s", diff)
			}
			if lanes, err := b.lanesAfter(t.Context(), ""); err != nil || len(lanes) != tt.lanes {
				t.Errorf("lanes = %v, %v; want %d", lanes, err, tt.lanes)
			}
		})
	}
}

func TestCheckNamesTheHoles(t *testing.T) {
	b := newBackend(t, fresh())
	d := callbackOf(3, 2)
	d.SkippedFrom, d.SkippedTo = 2, 2
	b.receive(callbackOf(1, 0))
	b.receive(d)
	*b.Feed.Client.Transport.(*server) = *three()
	report, err := b.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report.Holes, []Hole{{Lane: "r1", From: 2, To: 2}}); diff != "" || report.Complete() {
		t.Errorf("holes (-got +want), complete %t:\n%s", report.Complete(), diff)
	}
}

func TestAPositionThatTheServerForgotLeadsToASnapshot(t *testing.T) {
	s := three()
	b := newBackend(t, s)
	if err := b.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.snapshot = emptySnapshot(testLog + ".5")
	s.events = func(after, lane string) (int, string) {
		if after == testLog+".5" {
			return http.StatusOK, page(5)
		}
		return http.StatusGone, `{"Error":"too old"}`
	}
	if err := b.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if stored, err := b.readState(t.Context()); err != nil || stored.position != 5 {
		t.Errorf("position = %d, %v; want 5", stored.position, err)
	}
}

func TestFollowHandsOverWhatHappensUntilItIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fresh()
		events := []Delivery{callbackOf(1, 0), callbackOf(2, 1)}
		failures := 2
		s.wait = func(ctx context.Context, wait string) error { // the server waits as it is asked to
			d, _ := time.ParseDuration(wait)
			select {
			case <-time.After(d):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		s.events = func(after, lane string) (int, string) {
			switch {
			case after != testLog+".0":
				return nothing(after, lane)
			case failures > 0:
				failures--
				return http.StatusBadGateway, ""
			}
			return http.StatusOK, page(2, events...)
		}
		b := newBackend(t, s)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- b.Follow(ctx) }()
		time.Sleep(5 * time.Minute)
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Follow = %v, want the context's error", err)
		}
		b.wantHanded("r1 1, r1 2")
		if len(s.asked) > 20 {
			t.Errorf("the server was asked %d times in five minutes of rest, want at most 20", len(s.asked))
		}
		b.DB.Close()
	})
}

func TestNoErrorNamesACredential(t *testing.T) {
	s := &server{wait: func(context.Context, string) error { return errors.New("connection reset") }}
	b := newBackend(t, s)
	b.Feed.Token = ""
	b.Feed.UserSig = func() (string, string, error) { return "administrator", "eJwrzUtz", nil }
	for _, url := range []string{"http://live.example", "http://live example", "://"} {
		b.Feed.URL = url
		err := b.Reset(t.Context())
		if err == nil || strings.Contains(err.Error(), "eJwrzUtz") || strings.Contains(err.Error(), "administrator") {
			t.Errorf("Reset over %q = %v, want an error without UserSig and identifier", url, err)
		}
	}
}
