package delivery_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

const paused = "callbacks are paused until the callback's settings change"

func TestFiveLanesInARowThatAreGonePauseTheAppAndFewerDoNot(t *testing.T) {
	cases := []struct {
		name    string
		answers []int // one lane after the other
		want    bool
	}{
		{"five", []int{410, 410, 410, 410, 410}, true},
		{"four", []int{410, 410, 410, 410}, false},
		{"another answer between", []int{410, 410, 410, 410, 200, 410}, false},
		{"a failure between", []int{410, 410, 410, 500, 410}, false},
		{"five after another answer", []int{410, 410, 200, 410, 410, 410, 410, 410}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.backend.reply(func(call call) reply {
					if call.Attempt > 1 {
						return hang // retries say nothing
					}
					return body(c.answers[int(call.Lane[1]-'0')], `{"ErrorCode":0}`)
				})
				w.configure(app1, func(a *live.App) { a.Delivery.Timeout = time.Hour })
				for i := range c.answers {
					room := live.RoomID("r" + string(rune('0'+i)))
					w.create(room)
					w.modify(room, 1)
					synctest.Wait()
				}
				if got := len(w.logs.with(paused)) == 1; got != c.want {
					t.Errorf("paused: %v, want %v", got, c.want)
				}
				if alarms := w.logs.with("level=ERROR"); len(alarms) != 0 != c.want {
					t.Errorf("alarms: %q", alarms)
				}
				w.backend.reply(always(accept))
			})
		})
	}
}

// gone brings app1 into the pause that 410 leads to, with a backlog in lanes that were never tried.
func (w *world) gone() {
	w.t.Helper()
	w.backend.reply(always(status(http.StatusGone)))
	w.changes(5, 1)
	w.pass(time.Second)
	if len(w.logs.with(paused)) != 1 {
		w.t.Fatal("it is not paused")
	}
	w.changes(8, 2)
	w.pass(time.Hour)
	w.wantRest("while it is paused")
	w.backend.take()
	w.backend.reply(always(accept))
	w.pass(time.Hour)
	w.wantCalls()
}

func TestAPauseThat410LedToEndsByItself(t *testing.T) {
	cases := []struct {
		name string
		end  func(w *world)
	}{
		{"with new settings", func(w *world) {
			commands := []string{string(callback.CommandAfterModifyAdmin)}
			w.do(app1, live.UpdateCallback{Callback: live.Callback{URL: "https://example.com/other", Commands: commands}})
		}},
		{"when somebody resumes", func(w *world) { w.mustResume() }},
		{"with a restart", func(w *world) { w.restart() }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.gone()
				c.end(w)
				w.pass(2 * time.Minute)
				arrived := map[string]int{}
				for _, call := range w.backend.take() {
					if call.RoomSeq != 1+arrived[call.Lane]+1 {
						t.Errorf("%s came after change %d", call, arrived[call.Lane])
					}
					arrived[call.Lane]++
				}
				want := map[string]int{"r0": 3, "r1": 3, "r2": 3, "r3": 3, "r4": 3, "r5": 2, "r6": 2, "r7": 2}
				if diff := cmp.Diff(want, arrived); diff != "" {
					t.Errorf("callbacks of each lane (-want +got):\n%s", diff)
				}
				w.wantRest("at the end")
			})
		})
	}
}

func TestAnswersOfOldSettingsDoNotCountTowardsAPause(t *testing.T) {
	inWorld(t, func(w *world) {
		w.changes(1, 10) // so that more than four may be in flight
		w.pass(time.Second)
		for i := range 4 {
			w.backend.reply(always(status(http.StatusGone)))
			room := live.RoomID("old" + string(rune('0'+i)))
			w.create(room)
			w.modify(room, 1)
			synctest.Wait()
		}
		w.backend.reply(func(c call) reply { return map[bool]reply{true: status(http.StatusGone), false: hang}[c.Lane == "new"] })
		commands := []string{string(callback.CommandAfterModifyAdmin)}
		w.do(app1, live.UpdateCallback{Callback: live.Callback{URL: "https://example.com/other", Commands: commands}})
		w.create("new")
		w.modify("new", 1)
		w.pass(time.Second)
		if calls := wholes(w.backend.take(), "new"); len(calls) == 0 {
			t.Fatal("the new App backend was not asked")
		}
		if told := w.logs.with(paused); told != nil {
			t.Errorf("paused by one answer of the new App backend: %q", told)
		}
	})
}

func TestTheCloudProfileIsNotPausedBy410(t *testing.T) {
	inWorld(t, func(w *world) {
		w.configure(app1, cloud)
		w.backend.reply(always(status(http.StatusGone)))
		w.changes(9, 2)
		w.pass(time.Second)
		if got := len(w.backend.take()); got != 18 {
			t.Errorf("got %d calls, want all 18", got)
		}
		if told := w.logs.with("paused"); told != nil {
			t.Errorf("it was paused: %q", told)
		}
	})
}
