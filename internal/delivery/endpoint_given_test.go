package delivery_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
)

// audit and shadow are the readers of app1's endpoints of these names.
var (
	audit  = delivery.ReaderID{App: app1, Name: delivery.EndpointReader("audit")}
	shadow = delivery.ReaderID{App: app1, Name: delivery.EndpointReader("shadow")}
)

func endpointURL(name string) string {
	return "http://endpoint." + name + "/callback?secret=of-" + name
}

// endpoints makes these the endpoints of app1.
func (w *world) endpoints(names ...string) {
	w.t.Helper()
	w.configure(app1, func(a *live.App) {
		a.Endpoints = nil
		for _, name := range names {
			a.Endpoints = append(a.Endpoints, live.Endpoint{Name: name, Destination: live.Destination{
				URL: endpointURL(name), Delivery: live.Delivery{Profile: live.Durable, Timeout: 5 * time.Second, Concurrency: 64},
			}})
		}
	})
}

// editEndpoint changes the settings of one.
func (w *world) editEndpoint(name string, edit func(*live.Endpoint)) {
	w.t.Helper()
	w.configure(app1, func(a *live.App) {
		a.Endpoints = slices.Clone(a.Endpoints)
		for i := range a.Endpoints {
			if a.Endpoints[i].Name == name {
				edit(&a.Endpoints[i])
			}
		}
	})
}

// toEndpoint answers the calls of one endpoint so, of the callback URL with an empty name; all others are accepted.
func toEndpoint(name string, answer reply) func(call) reply {
	return func(c call) reply { return map[bool]reply{true: answer}[c.to() == name] }
}

// wantCallsTo compares what each endpoint was asked since it was compared last; the callback URL has an empty name.
func (w *world) wantCallsTo(want map[string][]string) {
	w.t.Helper()
	synctest.Wait()
	got := map[string][]string{}
	for _, c := range w.backend.take() {
		got[c.to()] = append(got[c.to()], c.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// wantGone fails when something of a reader is left, in memory or in the store.
func (w *world) wantGone(id delivery.ReaderID) {
	w.t.Helper()
	w.wantRest("after " + id.Name + " is gone")
	if _, err := w.db.Open(context.Background(), id); !errors.Is(err, delivery.ErrNoReader) {
		w.t.Errorf("opening %s: %v, want %v", id.Name, err, delivery.ErrNoReader)
	}
	if letters := w.lettersOf(id); len(letters) > 0 {
		w.t.Errorf("%s has %d dead letters, want none", id.Name, len(letters))
	}
	if n := w.d.Readers(); n > 1 {
		w.t.Errorf("%d readers are in memory, want at most that of the callback URL", n)
	}
}

// eventTime is the EventTime of a callback, in milliseconds.
func eventTime(t *testing.T, c call) int64 {
	t.Helper()
	var body struct{ EventTime int64 }
	if err := json.Unmarshal(c.Body, &body); err != nil {
		t.Fatal(err)
	}
	return body.EventTime
}
