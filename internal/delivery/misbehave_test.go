package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// misbehaviour is what an App backend answers although it should accept.
type misbehaviour struct {
	name  string
	reply reply
	cloud eventlog.Verdict // what the documented service would have made of it
	why   string           // what is recorded
}

// broken answers as egress does when there is no whole answer: the texts are those of its tests over real sockets.
func broken(kind egress.Failure, status int, why string) reply {
	return func(context.Context, egress.Request) egress.Answer {
		return egress.Answer{Failure: kind, Status: status, Err: errors.New(why)}
	}
}

// slowly takes the whole timeout first.
func slowly(then reply) reply {
	return func(ctx context.Context, r egress.Request) egress.Answer { return after(r.Timeout, then)(ctx, r) }
}

// huge answers more than is read.
func huge(ctx context.Context, r egress.Request) egress.Answer {
	a := body(200, strings.Repeat("x", egress.MaxAnswer))(ctx, r)
	a.TooLarge = true
	return a
}

// compressedNo is {"ErrorCode":7} in gzip.
const compressedNo = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x72\x2d\x2a\xca\x2f\x72\xce\x4f\x49\x55\xb2\x32\xaf\x05\x00\xba\x47\x7a\x96\x0f\x00\x00\x00"

func misbehaviours() []misbehaviour {
	failed, delivered := eventlog.Failed, eventlog.Delivered
	all := []misbehaviour{
		{"resets on a fresh connection", broken(egress.CutOff, 0, "connection ended while waiting for the answer"), failed,
			"connection ended while waiting for the answer"},
		{"resets within the answer", broken(egress.CutOff, 200, "connection ended while reading the answer"), failed,
			"connection ended while reading the answer"},
		{"refuses connections", broken(egress.Connect, 0, "connect: connection refused"), failed, "connect: connection refused"},
		{"has no address", broken(egress.DNS, 0, "dns: no such host"), failed, "dns: no such host"},
		{"has a private address", broken(egress.Refused, 0, "10.0.0.1 is not a public address"), failed, "10.0.0.1 is not a public address"},
		{"has an expired certificate", broken(egress.TLS, 0, "tls: certificate has expired"), failed, "tls: certificate has expired"},
		{"hangs in the handshake", slowly(broken(egress.Timeout, 0, "timed out in the TLS handshake")), failed, "timed out in the TLS handshake"},
		{"hangs before the answer", hang, failed, "timed out waiting for an answer"},
		{"drips the answer", slowly(broken(egress.Timeout, 200, "timed out while reading the answer")), failed, "timed out while reading the answer"},
		{"answers with noise", broken(egress.BadAnswer, 0, "the answer is not HTTP/1.x"), failed, "the answer is not HTTP/1.x"},
		{"ends every connection, the fresh one too", func(context.Context, egress.Request) egress.Answer {
			return egress.Answer{Failure: egress.CutOff, Resent: true, Err: errors.New("connection ended while waiting for the answer")}
		}, failed, "connection ended while waiting for the answer"},
		{"says FAIL", body(200, `{"ActionStatus":"FAIL","ErrorCode":0}`), delivered, "status 200, ActionStatus FAIL, ErrorCode 0"},
		{"says an ErrorCode", body(200, `{"ErrorCode":7}`), delivered, "status 200, ActionStatus absent, ErrorCode 7"},
		{"says an ErrorCode as text", body(200, `{"ErrorCode":"7"}`), delivered, "status 200, ActionStatus absent, ErrorCode 7"},
		{"says FAIL with another status", body(201, `{"ActionStatus":"FAIL"}`), failed, "status 201, ActionStatus FAIL, ErrorCode absent"},
		{"answers with a page", body(200, "<html>Sign in</html>"), failed, "status 200 with HTML; a proxy's page?"},
		{"answers with a long text", body(200, strings.Repeat("x", 65)), failed,
			"status 200 with a text of 65 bytes, which is not the documented answer; a proxy's page?"},
		{"answers with broken JSON", body(200, `{"ErrorCode":0`), failed, "status 200 with broken JSON"},
		{"answers with more than is read", huge, failed, "status 200 with an answer over 64 KiB; a proxy's page?"},
		{"compresses a no", body(200, compressedNo), failed,
			fmt.Sprintf("status 200 with %d bytes that are no text; compressed, though nobody asked?", len(compressedNo))},
	}
	// Package policy has the table of every status.
	for _, code := range []int{101, 301, 302, 304, 307, 400, 401, 403, 404, 405, 408, 409, 410, 413, 421, 429, 500, 501, 502, 503, 504, 511, 599, 999} {
		all = append(all, misbehaviour{fmt.Sprintf("answers %d", code), body(code, `{"ErrorCode":0}`), failed, fmt.Sprintf("status %d", code)})
	}
	return all
}

// inWorldOfMisbehaviour runs a test in a world with an App for each misbehaviour, and rooms of the same names in each.
// The backends accept everything until misbehave is called.
func inWorldOfMisbehaviour(t *testing.T, edit func(*live.App), rooms []live.RoomID, test func(w *world, apps map[live.AppID]misbehaviour)) {
	t.Helper()
	inWorld(t, func(w *world) {
		apps := map[live.AppID]misbehaviour{}
		for i, m := range misbehaviours() {
			id := app1 + 1 + live.AppID(i)
			apps[id] = m
			w.configure(id, edit)
			for _, room := range rooms {
				w.do(id, live.CreateRoom{Room: room, Type: live.RoomType, Owner: "owner"})
			}
		}
		test(w, apps)
	})
}

// misbehave makes each backend do what it does, in those rooms.
func (w *world) misbehave(apps map[live.AppID]misbehaviour, rooms ...live.RoomID) {
	replies := map[string]reply{}
	for id, m := range apps {
		replies[id.String()] = m.reply
	}
	w.backend.reply(func(c call) reply {
		if slices.Contains(rooms, live.RoomID(c.Lane)) {
			return replies[c.App]
		}
		return nil
	})
}

// arrived are the changes that each App backend was called for since it was asked last, by room: " 1 1 2".
func (w *world) arrived() map[string]map[string]string {
	got := map[string]map[string]string{}
	for _, c := range w.backend.take() {
		if got[c.App] == nil {
			got[c.App] = map[string]string{}
		}
		got[c.App][c.Lane] += fmt.Sprintf(" %d", c.RoomSeq-1)
	}
	return got
}

// For a minute each backend misbehaves, in one room only; then it accepts.
func TestWhateverABackendDidItsCallbacksArriveInOrderOnceItRecovers(t *testing.T) {
	rooms := []live.RoomID{"r1", "r2"}
	inWorldOfMisbehaviour(t, nil, rooms, func(w *world, apps map[live.AppID]misbehaviour) {
		w.misbehave(apps, "r1")
		for id := range apps {
			w.modifyOf(id, "r1", 3)
			w.modifyOf(id, "r2", 2)
		}
		w.pass(time.Minute)
		got := w.arrived()
		for id, m := range apps {
			again := got[id.String()]["r1"]
			if n := strings.Count(again, " 1"); n < 3 || len(again) != 2*n {
				t.Errorf("%s: changes %q of r1 were sent while it failed, want only the first, again and again", m.name, again)
			}
			if others := got[id.String()]["r2"]; others != " 1 2" {
				t.Errorf("%s: changes %q of another room were sent in the meantime, want 1 2", m.name, others)
			}
		}
		w.wantAttempts(apps)
		w.backend.reply(always(accept))
		w.pass(5 * time.Minute)
		got = w.arrived()
		for id, m := range apps {
			if diff := cmp.Diff(map[string]string{"r1": " 1 2 3"}, got[id.String()]); diff != "" {
				t.Errorf("%s: changes that were sent when it was back (-want +got):\n%s", m.name, diff)
			}
		}
		w.wantNothingLeft()
	})
}

// For ten minutes each backend misbehaves in every room, which opens its breaker.
func TestWhateverADeadBackendDidEverythingArrivesInOrderOnceItRecovers(t *testing.T) {
	rooms := []live.RoomID{"r1", "r2", "r3", "r4", "r5", "r6", "r7"}
	inWorldOfMisbehaviour(t, nil, rooms, func(w *world, apps map[live.AppID]misbehaviour) {
		w.misbehave(apps, rooms...)
		for id := range apps {
			for _, room := range rooms {
				w.modifyOf(id, room, 2)
			}
		}
		w.pass(10 * time.Minute)
		dead, gone := w.logs.with("one at a time is tried"), w.logs.with("callbacks are paused")
		if len(dead)+len(gone) != len(apps) || len(gone) != 1 {
			t.Errorf("of %d backends %d are taken for dead and %d for gone, want 1 for gone", len(apps), len(dead), len(gone))
		}
		w.arrived()
		w.backend.reply(always(accept))
		for id, m := range apps {
			if m.name == "answers 410" {
				w.resumeOf(id)
			}
		}
		w.pass(time.Minute)
		want := map[string]string{}
		for _, room := range rooms {
			want[string(room)] = " 1 2"
		}
		got := w.arrived()
		for id, m := range apps {
			if diff := cmp.Diff(want, got[id.String()]); diff != "" {
				t.Errorf("%s: changes that were sent when it was back (-want +got):\n%s", m.name, diff)
			}
		}
		w.wantNothingLeft()
	})
}

func TestWhateverABackendDoesTheCloudProfileSendsEachCallbackOnce(t *testing.T) {
	rooms := []live.RoomID{"r1", "r2"}
	inWorldOfMisbehaviour(t, cloud, rooms, func(w *world, apps map[live.AppID]misbehaviour) {
		w.misbehave(apps, rooms...)
		for id := range apps {
			w.modifyOf(id, "r1", 3)
			w.modifyOf(id, "r2", 1)
		}
		w.pass(10 * time.Minute)
		got := w.arrived()
		for id, m := range apps {
			if diff := cmp.Diff(map[string]string{"r1": " 1 2 3", "r2": " 1"}, got[id.String()]); diff != "" {
				t.Errorf("%s: changes that were sent (-want +got):\n%s", m.name, diff)
			}
		}
		w.wantAttempts(apps)
		w.wantNothingLeft()
	})
}

func TestTheCloudProfileDoesNotWaitWhenItIsAskedTo(t *testing.T) {
	for _, code := range []int{429, 503} {
		inWorld(t, func(w *world) {
			w.configure(app1, cloud)
			w.create("r1", "r2")
			w.backend.reply(always(later(code, time.Hour)))
			w.modify("r1", 2)
			w.modify("r2", 1)
			w.pass(time.Second)
			w.wantCalls("r1.1", "r1.2", "r2.1")
			w.pass(2 * time.Hour)
			w.wantCalls()
			w.wantNothingLeft()
		})
	}
}

// wantAttempts compares what is recorded of the attempts that were not accepted, and wants some of each App.
func (w *world) wantAttempts(apps map[live.AppID]misbehaviour) {
	w.t.Helper()
	recorded := w.store.attemptsByApp()
	for id, m := range apps {
		n := 0
		for _, a := range recorded[id] {
			if a.Durable == eventlog.Delivered {
				continue
			}
			n++
			if a.Durable != eventlog.Retry || a.Cloud != m.cloud || string(a.Why) != m.why {
				w.t.Errorf("%s: attempt %d is recorded as %v, the cloud's %v, %q; want retry, %v, %q", m.name, a.Number, a.Durable, a.Cloud, a.Why, m.cloud, m.why)
			}
		}
		if n < 3 {
			w.t.Errorf("%s: %d attempts are recorded, want at least 3", m.name, n)
		}
	}
}

// wantNothingLeft wants that nothing waits any more.
func (w *world) wantNothingLeft() {
	w.t.Helper()
	if n, used := w.d.Running(), w.d.Used(); n != 0 || used != 0 {
		w.t.Errorf("%d readers run with %d bytes in memory, want none", n, used)
	}
}
