package callback

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAHoleGoesWhenNothingCanFillItAnyMore(t *testing.T) {
	hole := []Hole{{Lane: "r1", From: 2, To: 3}}
	for _, tt := range []struct {
		name   string
		oldest string // of the log
		dead   string // letters, the oldest first
		gone   bool
	}{
		{"the log has what was skipped", "3", ``, false},
		{"the log has forgotten it", "4", ``, true},
		{"the log has forgotten everything", "6", ``, true},
		{"there is a dead letter of it", "6", `{"Seq":3}`, false},
		{"there is an older dead letter", "6", `{"Seq":1}`, false},
		{"all dead letters are newer", "6", `{"Seq":4}`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, p place) {
				s := fresh()
				b := p.backend(t, s)
				skipping(b)
				*s = five(tt.oldest, tt.dead)
				report, err := b.Check(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				want := &Report{Log: testLog, Seq: 5, Lanes: 1, Holes: hole}
				if tt.gone {
					want.Holes, want.Forgotten = []Hole{}, hole
				}
				if diff := cmp.Diff(report, want); diff != "" || report.Complete() {
					t.Errorf("complete = %t, report (-got +want):\n%s", report.Complete(), diff)
				}
				if report, err = b.Check(t.Context()); err != nil || report.Complete() != tt.gone {
					t.Errorf("the second report: %+v, %v; want it complete: %t", report, err, tt.gone)
				}
				again := callbackOf(3, 2)
				b.receive(again) // as it may be on its way
				if want := "r1 1, r1 4" + map[bool]string{false: ", r1 3"}[tt.gone]; b.handed() != want {
					t.Errorf("handed over %q, want %q", b.handed(), want)
				}
			})
		})
	}
}

// cancels is a log that ends a context with what it is told.
type cancels struct {
	slog.Handler
	cancel context.CancelFunc
}

func (c cancels) Handle(context.Context, slog.Record) error {
	c.cancel()
	return nil
}

// Nobody would hear of it again.
func TestAHoleThatHasGoneIsToldWhateverFailsAfterwards(t *testing.T) {
	s := fresh()
	b := newBackend(t, s)
	skipping(b)
	*s = five("6", "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b.ErrorLog = slog.New(cancels{slog.NewTextHandler(io.Discard, nil), cancel})
	report, err := b.Check(ctx)
	if err != nil || ctx.Err() == nil || b.ranges() != "" {
		t.Fatalf("%v, the context: %v, holes %q; want one that is removed", err, ctx.Err(), b.ranges())
	}
	want := &Report{Log: testLog, Seq: 5, Lanes: 1, Holes: []Hole{}, Forgotten: []Hole{{Lane: "r1", From: 2, To: 3}}}
	if diff := cmp.Diff(report, want); diff != "" {
		t.Errorf("report (-got +want):\n%s", diff)
	}
}

func TestAHoleStaysWhenTheServerDoesNotSayWhatIsKept(t *testing.T) {
	for name, change := range map[string]func(*server){
		"no answer":                   func(s *server) { s.dead = "" },
		"a page that is empty":        func(s *server) { s.dead = `{"Log":"` + testLog + `","Dead":[],"Next":"more"}` },
		"the log is another one":      func(s *server) { s.dead = strings.ReplaceAll(s.dead, testLog, otherLog) },
		"a number that cannot be":     func(s *server) { s.dead = `{"Log":"` + testLog + `","Dead":[{"Seq":0}]}` },
		"an oldest event below zero":  func(s *server) { s.head = strings.Replace(s.head, `"Oldest":`, `"Oldest":-`, 1) },
		"no word on the oldest event": func(s *server) { s.head = strings.Replace(s.head, "Oldest", "Eldest", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			s := fresh()
			b := newBackend(t, s)
			skipping(b)
			*s = five("6", "")
			change(s)
			report, err := b.Check(t.Context())
			if err == nil && len(report.Forgotten) > 0 {
				t.Errorf("forgotten %v", report.Forgotten)
			}
			if got := b.ranges(); got != "2-3" {
				t.Errorf("holes = %q, want what was skipped", got)
			}
		})
	}
}

func TestAnEndpointAsksForItsOwnReader(t *testing.T) {
	for reader, want := range map[string]string{"": "callback", "endpoint-audit": "endpoint-audit"} {
		t.Run(want, func(t *testing.T) {
			s := fresh()
			b := newBackend(t, s)
			b.Feed.Reader = reader
			skipping(b)
			*s = five("6", "")
			s.head = strings.Replace(s.head, `"Waiting":0`, `"Waiting":1`, 1)
			s.fate = func(string) string { return "waiting" }
			s.events = func(string, string) (int, string) { return http.StatusOK, page(5, callbackOf(5, 4)) }
			b.fail = errors.New("refused")
			if _, err := b.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(s.readers, map[string]string{"head": want, "why": want, "dead": want}); diff != "" {
				t.Errorf("readers that were asked for (-got +want):\n%s", diff)
			}
		})
	}
}

// skipping receives 1 and 4 of room r1; 2 and 3 were given up.
func skipping(b *backend) {
	b.receive(callbackOf(1, 0))
	d := callbackOf(4, 3)
	d.SkippedFrom, d.SkippedTo = 2, 3
	b.receive(d)
}

// five is a server whose log ends at 5, with nothing that is not here.
func five(oldest, dead string) server {
	return server{
		head:   `{"Log":"` + testLog + `","Seq":5,"Oldest":` + oldest + `,"Settled":5,"Waiting":0}`,
		verify: `{"Log":"` + testLog + `","Position":"` + testLog + `.5","Differ":[]}`,
		dead:   `{"Log":"` + testLog + `","Dead":[` + dead + `],"Next":""}`,
		events: func(string, string) (int, string) { return http.StatusOK, page(5) },
	}
}
