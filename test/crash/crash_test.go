package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

const (
	standardKills  = 25
	standardFaults = 15 // on PostgreSQL
)

func TestEveryChangeAnsweredOKIsDeliveredInOrderAcrossKills(t *testing.T) {
	chosen(t, "sqlite")
	kills, seed := int(number(t, "CALLBOARD_CRASH_KILLS", standardKills)), number(t, "CALLBOARD_CRASH_SEED", rand.Uint64())
	play(t, kills, options{seed: seed})
}

func TestEveryChangeAnsweredOKIsDeliveredInOrderAcrossFaultsOfPostgres(t *testing.T) {
	chosen(t, "postgres")
	faults, seed := int(number(t, "CALLBOARD_CRASH_KILLS", standardFaults)), number(t, "CALLBOARD_CRASH_SEED", rand.Uint64())
	play(t, faults, options{seed: seed, postgres: startPostgres(t)})
}

// chosen skips the test when CALLBOARD_CRASH_DATABASE names another kind of database than its own.
func chosen(t *testing.T, database string) {
	t.Helper()
	switch name := os.Getenv("CALLBOARD_CRASH_DATABASE"); name {
	case "", database:
	case "sqlite", "postgres":
		t.Skipf("CALLBOARD_CRASH_DATABASE is %s: unset it to play both, or set it to %s", name, database)
	default:
		t.Fatalf("CALLBOARD_CRASH_DATABASE: there is no database %q; sqlite and postgres are", name)
	}
}

// play plays a campaign with the chosen scenes, and one in a log that grows old if there are many kills.
func play(t *testing.T, kills int, opt options) {
	t.Helper()
	t.Run("AllScenes", func(t *testing.T) {
		opt := opt
		opt.play = chosenScenes(t)
		newCampaign(t, opt).run(kills)
	})
	// A tenth of the kills in a log that grows old, which takes minutes; with fewer, nothing grows old.
	const share, fewest = 10, 80
	if old := kills / share; old >= fewest {
		t.Run("TheLogGrowsOld", func(t *testing.T) {
			opt := opt
			opt.play, opt.keepLog = oldScenes, keptLog
			if opt.postgres != nil {
				opt.postgres = startPostgres(t)
			}
			newCampaign(t, opt).run(old)
		})
	}
}

// run plays the campaign to its end and judges what was seen.
func (c *campaign) run(kills int) {
	c.t.Helper()
	c.t.Logf("%d %s, CALLBOARD_CRASH_SEED=%d", kills, c.unit(), c.seed)
	start := time.Now()
	for range kills {
		if c.postgres != nil {
			c.lifeOnPostgres()
		} else {
			c.lifeThatIsKilled()
		}
	}
	c.drain()
	c.readBack()
	c.judge()
	c.tell(kills, time.Since(start))
}

// unit is what is counted.
func (c *campaign) unit() string {
	if c.postgres != nil {
		return "faults"
	}
	return "kills"
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
	c.backend.door.shut()
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
	h := &c.recorder.history
	outcomes := map[outcome]int{}
	for _, call := range h.calls {
		if call.op != opList && call.op != opInfo {
			outcomes[call.outcome]++
		}
	}
	events, repeats, replays := map[string]bool{}, 0, 0
	for _, a := range h.arrivals {
		switch {
		case a.again:
			replays++
		case events[a.head.ID]:
			repeats++
		}
		events[a.head.ID] = events[a.head.ID] || !a.again
	}
	if kills >= standardKills && (outcomes[unknown] == 0 || repeats == 0) {
		c.t.Errorf("%d unknown outcomes and %d repeats: the kills have hit nothing", outcomes[unknown], repeats)
	}
	c.t.Logf("%d %s in %s: changes %d OK, %d refused, %d unknown; %d callbacks, %d repeats",
		kills, c.unit(), d.Round(time.Second), outcomes[done], outcomes[refused], outcomes[unknown], len(events), repeats)
	c.tellOperations(replays, kills >= standardKills && len(c.scenes) == len(scenes))
}

// tellOperations prints the figures of what operators did and what was given up; all: there must be some of each.
func (c *campaign) tellOperations(replays int, all bool) {
	h := &c.recorder.history
	dead, announced, asked := map[string]bool{}, map[string]bool{}, map[kind]int{}
	for _, b := range h.burials {
		if b.reader == theCallback {
			dead[b.event] = true
		}
	}
	for _, a := range h.arrivals {
		if a.skip != (span{}) {
			announced[a.head.ID] = true
		}
	}
	for _, a := range h.asks {
		if a.reader == theCallback && a.outcome != refused || a.kind == askRedeliver {
			asked[a.kind]++
		}
	}
	text := fmt.Sprintf("%d given up, announced by %d callbacks; %d redeliveries, %d replays; %d pauses, %d resumed",
		len(dead), len(announced), asked[askRedeliver], replays, asked[askPause], asked[askResume])
	if all && (len(dead) == 0 || len(announced) == 0 || replays == 0 || asked[askPause] == 0) {
		c.t.Errorf("%s: the kills have hit nothing", text)
	}
	c.t.Logf("lives by scene: %v; %s", c.played, text)
	if c.postgres != nil {
		c.t.Logf("%s; the slowest call took %s", c.postgres.describe(), c.recorder.slowest.Round(time.Millisecond))
	}
}
