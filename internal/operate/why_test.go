package operate

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

var update = flag.Bool("update", false, "write the golden texts anew")

// noon is when all of it is asked.
var noon = time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)

// told is a scene: event 13 of room r1 at noon, an hour after its commit. Other facts are added by the scenes.
func told(change func(*facts)) *facts {
	f := &facts{
		now: noon, id: EventID{testApp, "abcdefgh", 13}, reader: "callback",
		app: (&fake{}).App(testApp),
		trace: Trace{
			Extent: Extent{Log: "abcdefgh", Floor: 2, Head: 20},
			Event: &eventlog.Event{
				Seq: 13, Prev: 12, Lane: "r1", RoomSeq: 3, RoomPrev: 2, Command: "Live.CallbackAfterModifyAdmin", Callback: true,
				Time: noon.Add(-time.Hour).UnixMilli(), Operator: "administrator", ClientIP: "203.0.113.7", Platform: "RESTAPI", Cause: "Id-0f-O-Seq-1",
			},
			Standing: &Standing{Cursor: eventlog.NewCursor(10)},
		},
		glimpse: delivery.Glimpse{Read: 20, Allowed: 64, MaxHeld: 10_000},
	}
	change(f)
	return f
}

func refused(n int) eventlog.Attempt {
	return eventlog.Attempt{
		Seq: 13, Number: n, At: noon.Add(-time.Hour + time.Duration(n)*time.Minute), Duration: 12 * time.Millisecond, Status: 500,
		Durable: eventlog.Retry, Cloud: eventlog.Failed, Counted: eventlog.Retry, Why: "status 500", Answer: "out of order",
	}
}

func accepted(n int) eventlog.Attempt {
	a := refused(n)
	a.Status, a.Durable, a.Cloud, a.Counted, a.Why, a.Answer = 200, eventlog.Delivered, eventlog.Delivered, eventlog.Delivered, "status 200", ""
	return a
}

// counted is the attempt that counted as something else than its verdict in profile durable.
func counted(a eventlog.Attempt, as eventlog.Verdict) eventlog.Attempt {
	a.Counted = as
	return a
}

func by(reader string, attempts ...eventlog.Attempt) []Try {
	var list []Try
	for _, a := range attempts {
		list = append(list, Try{reader, a})
	}
	return list
}

func held(next int64, attempts int, why eventlog.Reason) *eventlog.Held {
	return &eventlog.Held{
		Lane: "r1", Next: next, Attempts: attempts, Try: noon.Add(12 * time.Second), Since: noon.Add(-time.Hour), Failing: 20 * time.Minute, Why: why,
	}
}

// ofEndpoint asks for the reader of an endpoint, beside which the callback has no URL.
func ofEndpoint(f *facts) {
	f.reader, f.app.Callback = "endpoint-audit", nil
	f.app.Endpoints = []live.Endpoint{{Name: "audit", Destination: live.Destination{URL: "https://audit.example.com/callback"}}}
}

func settledAt(f *facts) { f.trace.Standing.Cursor = eventlog.NewCursor(20) }

var scenes = map[string]func(*facts){
	"delivered": func(f *facts) { settledAt(f); f.trace.Attempts = by("callback", accepted(1)) },
	"delivered_after_refusals": func(f *facts) {
		settledAt(f)
		f.trace.Attempts = by("callback", refused(1), refused(2), accepted(3))
	},
	"delivered_and_not_stored_yet": func(f *facts) { f.glimpse.Attempts = []eventlog.Attempt{accepted(1)} },
	"delivered_though_the_cloud_would_have_lost_it": func(f *facts) {
		settledAt(f)
		a := accepted(1)
		a.Cloud, a.Why = eventlog.Failed, "status 200 with an empty body"
		f.trace.Attempts = by("callback", a)
	},
	"delivered_by_a_redelivery": func(f *facts) {
		settledAt(f)
		f.trace.Attempts = append(by("callback", refused(1), refused(2), refused(3)), by("redelivery-3", accepted(1))...)
	},
	"delivered_beside_a_redelivery_of_dead_letters": func(f *facts) {
		settledAt(f)
		f.trace.Attempts = by("callback", accepted(1))
		f.trace.Redeliveries = []Redelivery{{Reader: "redelivery-3", Redelivery: delivery.Redelivery{From: 1, To: 20, DeadOnly: true, By: "ann", At: noon.Add(-time.Minute)}}}
	},
	"given_up": func(f *facts) {
		settledAt(f)
		f.trace.Attempts = by("callback", refused(1), refused(2), refused(3))
		f.trace.Dead = &eventlog.Dead{Seq: 13, At: noon.Add(-time.Minute), Why: "status 500", Attempts: 3}
	},
	"given_up_and_sent_again": func(f *facts) {
		settledAt(f)
		f.trace.Dead = &eventlog.Dead{Seq: 13, At: noon.Add(-time.Minute), Why: "not delivered within the time that the log is kept", Attempts: 0}
		f.trace.Redeliveries = []Redelivery{{Reader: "redelivery-3", Redelivery: delivery.Redelivery{From: 1, To: 20, By: "ann", At: noon.Add(-time.Minute)}}}
	},
	"given_up_at_an_endpoint": func(f *facts) {
		ofEndpoint(f)
		settledAt(f)
		f.trace.Attempts = by("endpoint-audit", refused(1), refused(2), refused(3))
		f.trace.Dead = &eventlog.Dead{Seq: 13, At: noon.Add(-time.Minute), Why: "status 500", Attempts: 3}
	},
	"discarded_and_sent_again": func(f *facts) {
		settledAt(f)
		f.app.DiscardTo = 13
		f.trace.Attempts = by("redelivery-3", accepted(1))
	},
	"waiting_behind_a_refused_one_at_an_endpoint": func(f *facts) {
		ofEndpoint(f)
		f.glimpse.Lane = delivery.LaneGlimpse{First: 11, Held: held(11, 7, "status 503")}
	},
	"failed_in_profile_cloud": func(f *facts) {
		settledAt(f)
		f.app.Delivery.Profile = live.Cloud
		f.trace.Attempts = by("callback", counted(refused(1), eventlog.Failed))
	},
	"failed_when_the_profile_was_cloud": func(f *facts) {
		settledAt(f)
		f.trace.Attempts = by("callback", counted(refused(1), eventlog.Failed))
	},
	"delivered_when_the_profile_was_cloud": func(f *facts) {
		settledAt(f)
		a := counted(refused(1), eventlog.Delivered)
		a.Status, a.Cloud, a.Why = 200, eventlog.Delivered, "status 200, ActionStatus FAIL, ErrorCode 7"
		f.trace.Attempts = by("callback", a)
	},
	"delivered_when_the_profile_was_durable": func(f *facts) {
		settledAt(f)
		f.app.Delivery.Profile = live.Cloud
		a := accepted(1)
		a.Cloud, a.Why = eventlog.Failed, "status 200 with an empty body"
		f.trace.Attempts = by("callback", a)
	},
	"given_up_and_forgotten": func(f *facts) {
		settledAt(f)
		f.trace.Attempts = by("callback", refused(1), refused(2), counted(refused(3), eventlog.GivenUp))
	},
	"waiting_after_many_attempts": func(f *facts) {
		f.glimpse.Lane = delivery.LaneGlimpse{First: 13, Held: held(13, 200, "status 500")}
		a := refused(1)
		a.Status, a.Cloud, a.Why, a.Answer = 200, eventlog.Delivered, "status 200, ActionStatus FAIL, ErrorCode 7", ""
		f.trace.Attempts = by("callback", a, refused(199), refused(200)) // the first, and the last of them
	},
	"waiting_after_attempts_that_are_not_on_record": func(f *facts) {
		f.glimpse.Lane = delivery.LaneGlimpse{First: 13, Held: held(13, 9, "status 500")}
		f.trace.Attempts = by("callback", refused(9))
	},
	"before_an_endpoint_began": func(f *facts) {
		ofEndpoint(f)
		settledAt(f)
		f.trace.Standing.Begun, f.app.Endpoints[0].DiscardTo = 17, 19
		f.trace.Discarded = &Discard{At: noon.Add(-time.Minute), By: "ann", Command: "discard"}
	},
	"before_the_callback_had_a_url": func(f *facts) {
		settledAt(f)
		f.trace.Standing.Begun, f.app.DiscardTo = 17, 12
	},
	"while_the_callback_has_no_url": func(f *facts) {
		settledAt(f)
		f.app.Callback = &live.Callback{Commands: []string{f.trace.Event.Command}}
	},
	"discarded_before_the_callback_had_another_url": func(f *facts) {
		settledAt(f)
		f.trace.Standing.Begun, f.app.DiscardTo = 17, 13
		f.trace.Discarded = &Discard{At: noon.Add(-time.Minute), By: "eve", Command: "delete_callback"}
	},
	"discarded_at_an_endpoint": func(f *facts) {
		ofEndpoint(f)
		settledAt(f)
		f.trace.Standing.Begun, f.app.Endpoints[0].DiscardTo = 12, 13
		f.trace.Discarded = &Discard{At: noon.Add(-time.Minute), By: "ann", Command: "discard"}
	},
	"settled_at_an_endpoint_that_discarded_less": func(f *facts) {
		ofEndpoint(f)
		settledAt(f)
		f.app.DiscardTo, f.app.Endpoints[0].DiscardTo = 20, 12
	},
	"settled_and_how_is_forgotten": settledAt,
	"discarded": func(f *facts) {
		settledAt(f)
		f.app.DiscardTo = 13
		f.trace.Discarded = &Discard{At: noon.Add(-time.Minute), By: "ann", Command: "discard"}
	},
	"discarded_and_not_settled_yet": func(f *facts) { f.app.DiscardTo = 13 },
	"no_callback":                   func(f *facts) { f.trace.Event.Callback = false },
	"forgotten":                     func(f *facts) { f.trace.Event, f.trace.Floor = nil, 15 },
	"unknown_log":                   func(f *facts) { f.trace.Log = "bbbbbbbb" },
	"unknown_number":                func(f *facts) { f.trace.Event, f.trace.Head = nil, 12 },
	"unknown_app":                   func(f *facts) { f.trace = Trace{} },
	"ended_redelivery": func(f *facts) {
		f.reader, f.trace.Standing = "redelivery-3", nil
		f.trace.Attempts = by("redelivery-3", refused(1))
		f.trace.Redeliveries = []Redelivery{{Reader: "redelivery-3", Redelivery: delivery.Redelivery{From: 1, To: 20, By: "ann"}, Finished: noon.Add(-time.Minute)}}
	},
	"ended_with_the_endpoint_of_the_redelivery": func(f *facts) {
		f.app.Endpoints = nil
		f.reader, f.trace.Standing = "redelivery-3", nil
		f.trace.Redeliveries = []Redelivery{{Reader: "redelivery-3", Redelivery: delivery.Redelivery{From: 1, To: 20, Reader: "endpoint-audit"}, Finished: noon.Add(-time.Minute)}}
	},
	"given_up_in_a_redelivery": func(f *facts) {
		settledAt(f)
		f.reader = "redelivery-3"
		f.trace.Attempts = by("redelivery-3", refused(1), refused(2), counted(refused(3), eventlog.GivenUp))
		f.trace.Redeliveries = []Redelivery{{Reader: "redelivery-3", Redelivery: delivery.Redelivery{From: 1, To: 20}}}
	},
	"not_of_a_redelivery": func(f *facts) { f.reader = "redelivery-3" },
	"not_of_any_reader":   func(f *facts) { f.reader, f.trace.Standing = "nobody", nil },
	"waiting_paused": func(f *facts) {
		f.glimpse = delivery.Glimpse{Resting: true}
		f.trace.Standing.Paused, f.trace.Standing.Lane = "paused by ann: database migration", held(13, 2, "status 500")
		f.trace.Attempts = by("callback", refused(1), refused(2))
	},
	"waiting_paused_redelivery": func(f *facts) {
		f.reader = "redelivery-3"
		f.trace.Standing.Paused = "paused by ann"
		f.trace.Redeliveries = []Redelivery{{Reader: "redelivery-3", Redelivery: delivery.Redelivery{From: 1, To: 20}}}
	},
	"waiting_gone":              func(f *facts) { f.glimpse.Gone = true },
	"waiting_for_the_store":     func(f *facts) { f.glimpse.StoreFails = noon.Add(-5 * time.Second) },
	"waiting_without_an_answer": func(f *facts) { f.silent = true },
	"waiting_for_a_url":         func(f *facts) { f.app.Callback = nil },
	"waiting_breaker_open": func(f *facts) {
		f.glimpse.BreakerSince, f.glimpse.Probe = noon.Add(-10*time.Minute), noon.Add(9*time.Second)
		f.trace.Standing.Lane = held(11, 4, "connection refused")
	},
	"waiting_breaker_open_since_before_it": func(f *facts) {
		f.glimpse.BreakerSince, f.glimpse.Probe = noon.Add(-2*time.Hour), noon
	},
	"waiting_as_asked": func(f *facts) { f.glimpse.Later = noon.Add(3 * time.Minute) },
	"waiting_in_flight": func(f *facts) {
		f.trace.Event.Time = noon.Add(-time.Second).UnixMilli()
		f.glimpse.Lane = delivery.LaneGlimpse{First: 13, Sending: true}
	},
	"waiting_refused": func(f *facts) {
		f.glimpse.Lane = delivery.LaneGlimpse{First: 13, Held: held(13, 3, "status 500")}
		f.trace.Attempts = by("callback", refused(1), refused(2), refused(3))
	},
	"waiting_refused_and_due": func(f *facts) {
		h := held(13, 1, "timeout after 5s")
		h.Try, f.app.Delivery.GiveUpAfter = noon, 0
		f.glimpse.Lane = delivery.LaneGlimpse{First: 13, Held: h}
	},
	"waiting_behind_a_refused_one": func(f *facts) { f.glimpse.Lane = delivery.LaneGlimpse{First: 11, Held: held(11, 7, "status 503")} },
	"waiting_behind_one_in_flight": func(f *facts) { f.glimpse.Lane = delivery.LaneGlimpse{First: 11, Sending: true} },
	"waiting_behind_many": func(f *facts) {
		f.glimpse.Lane = delivery.LaneGlimpse{First: 11, Held: held(11, 0, eventlog.Behind)}
	},
	"waiting_for_another_reader_of_the_lane": func(f *facts) { f.glimpse.Lane = delivery.LaneGlimpse{First: 13, Crossed: true} },
	"waiting_for_a_settlement":               func(f *facts) { f.glimpse.Unstored = true },
	"waiting_for_a_slot":                     func(f *facts) { f.glimpse.InFlight = 64 },
	"waiting_for_a_slot_of_all_apps":         func(f *facts) { f.glimpse.InFlight, f.glimpse.InLine = 3, true },
	"waiting_for_held_lanes":                 func(f *facts) { f.glimpse.Read, f.glimpse.HeldLanes = 12, 10_000 },
	"waiting_for_the_window":                 func(f *facts) { f.glimpse.Read, f.glimpse.Crowded = 12, true },
	"waiting_for_its_turn": func(f *facts) {
		f.trace.Event.Time = noon.UnixMilli()
		f.trace.Redeliveries = []Redelivery{{Reader: "redelivery-3", Redelivery: delivery.Redelivery{From: 1, To: 20, By: "ann", At: noon.Add(-time.Minute)}}}
	},
}

func TestWhyTellsTheStoryOfEveryState(t *testing.T) {
	seen := map[string]bool{}
	for name, change := range scenes {
		t.Run(name, func(t *testing.T) {
			story := told(change).story()
			golden(t, name, story.Text)
			seen[string(story.State)], seen[string(story.Because)] = true, true
			if story.State == IsWaiting && story.Because == "" || story.Do == "" && story.State != IsDelivered {
				t.Errorf("state %q because %q, do %q: it waits for something, and there is something to do", story.State, story.Because, story.Do)
			}
		})
	}
	for _, state := range []string{
		"delivered", "waiting", "given up", "failed", "discarded", "no callback", "forgotten", "unknown", "not sent", "settled",
		"no answer from delivery", "store", "paused", "gone", "no callback URL", "breaker open", "asked to wait", "in flight", "refused",
		"behind in its lane", "lane in use", "not stored yet", "no free slot", "held lanes", "window full", "its turn",
	} {
		if !seen[state] {
			t.Errorf("no scene ends as %q", state)
		}
	}
}

// golden compares a text with its file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestWhyAsksTheReaderOnlyAboutWhatWaits(t *testing.T) {
	waiting := told(func(*facts) {}).trace
	delivered := told(scenes["delivered"]).trace
	for _, c := range []struct {
		name  string
		trace Trace
		want  Cause
		state Outcome
	}{{"waiting", waiting, ByGone, IsWaiting}, {"delivered", delivered, "", IsDelivered}} {
		t.Run(c.name, func(t *testing.T) {
			f := &fake{trace: c.trace, glimpse: delivery.Glimpse{Gone: true}}
			rec := send(f, http.MethodGet, Prefix+"why?event=1400000001-abcdefgh-13&"+query(t, "administrator"), "")
			var got Story
			if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != http.StatusOK {
				t.Fatalf("answer %d %s: %v", rec.Code, rec.Body, err)
			}
			if got.State != c.state || got.Because != c.want || !strings.Contains(got.Text, got.Says) || got.Committed == nil || got.Lane != "r1" {
				t.Errorf("got %+v, want %s because %q", got, c.state, c.want)
			}
		})
	}
}

func TestAReaderThatDoesNotAnswerIsToldOf(t *testing.T) {
	f := &fake{trace: told(func(*facts) {}).trace, err: delivery.ErrSilent}
	rec := send(f, http.MethodGet, Prefix+"why?event=1400000001-abcdefgh-13&"+query(t, "administrator"), "")
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), string(BySilence)) {
		t.Errorf("answer %d %s, want one that says %q", rec.Code, rec.Body, BySilence)
	}
}
