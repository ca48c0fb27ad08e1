package crash

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

const standardKills = 25

func TestEveryChangeAnsweredOKIsDeliveredInOrderAcrossKills(t *testing.T) {
	kills := int(number(t, "CALLBOARD_CRASH_KILLS", standardKills))
	seed := number(t, "CALLBOARD_CRASH_SEED", rand.Uint64())
	t.Logf("%d kills, CALLBOARD_CRASH_SEED=%d", kills, seed)
	start := time.Now()
	c := newCampaign(t, seed)
	for range kills {
		c.lifeThatIsKilled()
	}
	c.drain()
	c.readBack()
	c.judge()
	c.tell(kills, time.Since(start))
}

// number reads a number from the environment.
func number(t *testing.T, name string, standard uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return standard
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// judge runs the check over all that was seen.
func (c *campaign) judge() {
	c.t.Helper()
	c.backend.server.Close()
	for _, problem := range c.backend.problems {
		c.t.Error(problem)
	}
	const most = 30
	found := check(&c.recorder.history)
	for i, text := range found {
		if i == most {
			c.t.Errorf("and %d more", len(found)-most)
			break
		}
		c.t.Error(text)
	}
}

// tell prints the figures of the run.
func (c *campaign) tell(kills int, d time.Duration) {
	outcomes := map[outcome]int{}
	for _, call := range c.recorder.history.calls {
		if call.op != opList && call.op != opInfo {
			outcomes[call.outcome]++
		}
	}
	events := map[string]bool{}
	for _, a := range c.recorder.history.arrivals {
		events[a.head.ID] = true
	}
	repeats := len(c.recorder.history.arrivals) - len(events)
	if kills >= standardKills && (outcomes[unknown] == 0 || repeats == 0) {
		c.t.Errorf("%d unknown outcomes and %d repeats: the kills have hit nothing", outcomes[unknown], repeats)
	}
	c.t.Logf("%d kills in %s: changes %d OK, %d refused, %d unknown; %d callbacks, %d repeats",
		kills, d.Round(time.Second), outcomes[done], outcomes[refused], outcomes[unknown],
		len(events), repeats)
}
