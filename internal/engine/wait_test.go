package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// says fails unless the answer is Unavailable with the text.
func (f *fixture) says(a *asked, text string) {
	f.Helper()
	<-a.done
	if kind(a.err) != live.Unavailable || !strings.Contains(a.err.Error(), text) {
		f.Errorf("answer %v, want the kind Unavailable and %q", a.err, text)
	}
}

func TestDoWaitsThreeSecondsAtMost(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		reached, release := make(chan struct{}), make(chan struct{})
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			close(reached)
			<-release
			return tx.Commit(context.Background(), changes)
		}
		start := time.Now()
		running := f.ask(app1, create("running"))
		f.start()
		<-reached
		waiting := f.ask(app1, create("waiting"))
		f.says(running, "not known")
		f.says(waiting, "nothing was done")
		f.same("time", time.Since(start), 3*time.Second)
		f.store.commit = nil
		close(release)
		f.stop()
		f.same("log", lanes(f.log(app1)), []string{"running"})
	})
}

func TestWaitingCommandsAreBounded(t *testing.T) {
	const limit = 4096
	bubble(t, engine.Options{}, func(f *fixture) {
		ctx, cancel := context.WithCancel(f.Context())
		answers := make(chan error, limit)
		for i := range limit {
			go func() {
				_, err := f.engine.Do(ctx, live.AppID(i%3), actor, create("r"))
				answers <- err
			}()
		}
		f.says(f.ask(app1, create("beyond")), "busy") // ask returns when all of them wait
		cancel()
		for range limit {
			f.same("kind of a command whose caller left", kind(<-answers), live.Unavailable)
		}
		f.stop()
		f.same("transactions", len(f.store.groups), 0)
	})
}

func TestHotAppTakesItsShareOfAGroupWhileOthersWait(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		var list []*asked
		for i := range 150 {
			list = append(list, f.ask(app1, create(live.RoomID(fmt.Sprintf("hot%03d", i)))))
		}
		list = append(list, f.ask(app2, create("other")))
		f.stop()
		for _, a := range list {
			<-a.done
			f.must(a.err)
		}
		var sizes []map[live.AppID]int
		for _, group := range f.store.groups {
			size := map[live.AppID]int{}
			for _, want := range group {
				size[want.App] = len(want.Rooms)
			}
			sizes = append(sizes, size)
		}
		f.same("rooms by group", sizes, []map[live.AppID]int{{app1: 64, app2: 1}, {app1: 86}})
	})
}

func TestStopAnswersWhatWaitsAndRefusesTheRest(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		reached, release := make(chan struct{}), make(chan struct{})
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			if f.store.writes == 1 {
				close(reached)
				<-release
			}
			return tx.Commit(context.Background(), changes)
		}
		running := f.ask(app1, create("running"))
		f.start()
		<-reached
		waiting := f.ask(app1, create("waiting"))
		f.engine.Stop()
		f.says(f.ask(app1, create("late")), "stopping")
		close(release)
		<-f.running
		<-running.done
		<-waiting.done
		f.must(running.err)
		f.must(waiting.err)
		f.same("log", lanes(f.log(app1)), []string{"running", "waiting"})
	})
}

func TestCallbackURLThatCouldNeverBeCalledIsRefused(t *testing.T) {
	check := func(url string) error {
		if strings.Contains(url, "10.0.0.1") {
			return fmt.Errorf("10.0.0.1 is not a public address; add it to egress.allow")
		}
		return nil
	}
	callback := func(host string) live.Callback { return live.Callback{URL: "http://" + host + "/"} }
	bubble(t, engine.Options{CheckURL: check}, func(f *fixture) {
		bad, good := callback("10.0.0.1"), callback("192.0.2.9")
		f.start()
		for _, cmd := range []live.Command{
			live.SetCallback{Callback: bad}, live.UpdateCallback{Callback: bad},
			live.ConfigureApp{App: live.App{ID: app1, Callback: &bad}},
		} {
			_, err := f.engine.Do(f.Context(), app1, actor, cmd)
			if kind(err) != live.InvalidParameter || !strings.Contains(err.Error(), "Url: ") || !strings.Contains(err.Error(), "egress.allow") {
				f.Errorf("%s: answer %v, want the reason of CheckURL as a refusal of Url", cmd.Name(), err)
			}
		}
		f.do(app1, live.UpdateCallback{Callback: good})
		f.do(app1, live.DeleteCallback{})
		f.do(app1, live.SetCallback{Callback: good})
		f.do(app1, live.ConfigureApp{App: live.App{ID: app1}})
		f.same("URL", f.engine.App(app1).Callback.URL, good.URL)
	})
}
