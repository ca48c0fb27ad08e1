package feed

import (
	"testing"

	"github.com/callboard/callboard/internal/live"
)

// fill lets an App take places until it gets none, and returns how many it got.
func fill(r *readers, app live.AppID) []*out {
	var taken []*out
	for o := new(out); r.enter(app, o); o = new(out) {
		taken = append(taken, o)
	}
	return taken
}

func TestNoAppTakesThePlacesOfAllOthers(t *testing.T) {
	r := newReaders(1000)
	first := fill(r, 1)
	if len(first) != 500 {
		t.Errorf("an App alone takes %d of 1,000 places, want half of them", len(first))
	}
	for app := live.AppID(2); app <= 5; app++ {
		if got := len(fill(r, app)); got == 0 {
			t.Errorf("the App %d gets no place", app)
		}
		if got := len(fill(r, 1)); got != 0 {
			t.Errorf("the first App takes %d more beside others", got)
		}
	}
	if r.enter(1, new(out)) {
		t.Error("the App with most of the places gets one more")
	}
	for _, o := range first {
		r.leave(o)
	}
	second := len(fill(r, 2))
	if second == 0 {
		t.Error("places that were given back are nobody's")
	}
	if got := len(fill(r, 1)); got == 0 {
		t.Error("who gave all back gets none again")
	}
}

func TestEveryPlaceIsGivenBack(t *testing.T) {
	r := newReaders(2)
	for range 10 {
		taken := fill(r, 1)
		if len(taken) != 1 {
			t.Fatalf("an App takes %d of two places, want one", len(taken))
		}
		r.leave(taken[0])
	}
	if len(r.open) != 0 || len(r.held) != 0 {
		t.Errorf("%d places are taken by %d Apps, want none", len(r.open), len(r.held))
	}
}
