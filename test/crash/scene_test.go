package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// scene is a run of lives in which one thing goes wrong beside the kills.
type scene struct {
	name  string
	lives int
	// plan is for the life of that number, from 0.
	plan func(c *campaign, life int) plan
}

// plan is what happens in one life beside the load.
type plan struct {
	moment time.Duration   // after which the process is killed, once it listens
	cue    <-chan struct{} // not nil: the kill waits for it, not for ever, and comes up to a settlement later
	acts   []act           // in their order
}

// act is something that an operator or the App backend does.
type act struct {
	after time.Duration // since the process listens
	// always: also when the process ended before.
	always bool
	do     func(o *operator)
}

// scenes are played in turns. What one leaves behind goes on in the next: lanes that are held, poison, redeliveries.
var scenes = []scene{
	{"plain", 2, (*campaign).planPlain},
	{"poison", 4, (*campaign).planPoison},
	{"outage", 3, (*campaign).planOutage},
	{"again", 4, (*campaign).planAgain},
	{"pause", 3, (*campaign).planPause},
}

// oldScenes are long enough for the log to be kept for no longer than a minute: callbacks become dead letters by age, while a
// pause lasts for more than that, and what is settled is forgotten. The kills hit that: it begins a second after a start.
var oldScenes = []scene{
	{"poison, slowly", 8, longer((*campaign).planPoison)},
	{"a long pause", 48, longer((*campaign).planLongPause)},
	{"again, slowly", 8, longer((*campaign).planAgain)},
	{"plain, slowly", 8, longer((*campaign).planPlain)},
}

const keptLog = time.Minute

// longer lets most lives last until the log is swept.
func longer(p func(*campaign, int) plan) func(*campaign, int) plan {
	return func(c *campaign, life int) plan {
		plan := p(c, life)
		if c.rng.IntN(4) > 0 {
			plan.moment = time.Second + within(c.rng, 900*time.Millisecond)
		}
		return plan
	}
}

// planLongPause pauses in the first life and resumes in the last one.
func (c *campaign) planLongPause(life int) plan {
	p := plan{moment: c.usually()}
	switch life {
	case 0:
		p.acts = []act{{do: stop}}
	case 47:
		p.acts = []act{{do: resume}}
	}
	return p
}

// chosenScenes are those that CALLBOARD_CRASH_SCENES names, separated by commas; all without it.
func chosenScenes(t *testing.T) []scene {
	t.Helper()
	text := os.Getenv("CALLBOARD_CRASH_SCENES")
	if text == "" {
		return scenes
	}
	var list []scene
	for name := range strings.SplitSeq(text, ",") {
		i := slices.IndexFunc(scenes, func(s scene) bool { return s.name == name })
		if i < 0 {
			t.Fatalf("CALLBOARD_CRASH_SCENES: there is no scene %q", name)
		}
		list = append(list, scenes[i])
	}
	return list
}

// nextPlan is for the next life of the play.
func (c *campaign) nextPlan() plan {
	s := c.scenes[c.scene]
	p := s.plan(c, c.act)
	c.played[s.name]++
	if !strings.HasSuffix(s.name, "pause") && c.recorder.mayBePaused() { // a kill has hit the end of a pause
		p.acts = append([]act{{do: resume}}, p.acts...)
	}
	if c.act++; c.act == s.lives {
		c.scene, c.act = (c.scene+1)%len(c.scenes), 0
	}
	return p
}

// within is a random time.
func within(rng *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(rng.Int64N(int64(d)))
}

// usually is 50 to 600 ms.
func (c *campaign) usually() time.Duration {
	return 50*time.Millisecond + within(c.rng, 550*time.Millisecond)
}

func (c *campaign) planPlain(int) plan { return plan{moment: c.usually()} }

// planPoison lets the App backend refuse some callbacks until they are given up. Only the time between two attempts of one
// life counts for that: the first life is long enough for two, the third attempt is made in the lives that follow.
func (c *campaign) planPoison(life int) plan {
	c.backend.temper.givePoison(life < 3)
	if life == 0 {
		return plan{moment: 1300*time.Millisecond + within(c.rng, 700*time.Millisecond)}
	}
	p := plan{moment: 150*time.Millisecond + within(c.rng, 650*time.Millisecond)}
	if c.rng.IntN(2) == 0 {
		p.cue = []<-chan struct{}{c.backend.cues.grave, c.backend.cues.announce}[c.rng.IntN(2)]
	}
	return p
}

// planOutage begins an outage in the first life and ends it in the last one. The second one is long enough for the breaker to
// open whatever the outage is, and often for a probe; the last one for the breaker to close.
func (c *campaign) planOutage(life int) plan {
	after := within(c.rng, 300*time.Millisecond)
	switch life {
	case 0:
		out := resets + mood(c.rng.IntN(int(moods-resets+1)))
		if out == moods {
			out = breaks
		}
		return plan{
			moment: after + c.usually(),
			acts: []act{{after, true, func(*operator) {
				c.backend.breakOut(out)
				c.gone = c.gone || out == gone
			}}},
		}
	case 1:
		return plan{moment: 400*time.Millisecond + within(c.rng, 1200*time.Millisecond)}
	}
	after *= 3
	return plan{
		moment: after + within(c.rng, 900*time.Millisecond),
		acts: []act{{after, true, func(*operator) {
			if err := c.backend.recover(); err != nil {
				c.t.Errorf("the App backend cannot come back: %v", err)
			}
		}}},
	}
}

// planAgain asks for redeliveries, which the kills of later lives hit too.
func (c *campaign) planAgain(life int) plan {
	p := plan{moment: c.usually()}
	if life == 0 || c.rng.IntN(3) == 0 {
		a, after := c.redelivery(), within(c.rng, 150*time.Millisecond)
		p.acts = []act{{after: after, do: func(o *operator) { o.do(a) }}}
		p.moment = after + within(c.rng, 450*time.Millisecond)
	} else if c.rng.IntN(3) == 0 { // it may have ended
		a := &ask{kind: askPause, reader: fmt.Sprintf("redelivery-%d", c.recorder.redeliveries())}
		p.acts = []act{{after: within(c.rng, 150*time.Millisecond), do: func(o *operator) { o.do(a) }}}
	}
	if life == 0 { // what was paused in the turn before
		p.acts = append([]act{{do: resumeRedeliveries}}, p.acts...)
	}
	if c.rng.IntN(2) == 0 {
		p.cue = c.backend.cues.again
	}
	return p
}

// redelivery chooses what to ask for.
func (c *campaign) redelivery() *ask {
	const short = 1500 // numbers: a redelivery of more than that would go on for too long
	newest := c.recorder.newestSeq()
	a := &ask{kind: askRedeliver}
	switch c.rng.IntN(4) {
	case 0: // everything
		if newest > 2*short {
			a.from = newest - short - c.rng.Int64N(newest-short)
			a.to = a.from + short
		}
	case 1: // the newest
		a.from = max(newest-short, 0)
	case 2: // a lane
		a.lane = c.load.rooms[c.rng.IntN(rooms)].id
		a.from = max(newest-10*short, 0)
	default:
		a.deadOnly = true
	}
	return a
}

// planPause pauses in the first life and resumes in the last one. Both kills come soon after the asking.
func (c *campaign) planPause(life int) plan {
	p := plan{moment: c.usually()}
	soon, after := within(c.rng, 450*time.Millisecond), within(c.rng, 200*time.Millisecond)
	switch {
	case life == 0:
		p.acts = []act{{after: after, do: stop}}
	case life == 2:
		p.acts = []act{{after: after, do: resume}}
	case c.rng.IntN(4) == 0: // somebody changes his mind
		p.acts = []act{{after: after, do: resume}, {after: after, do: stop}}
	default:
		return p
	}
	p.moment = after + soon
	return p
}

func stop(o *operator) {
	o.do(&ask{kind: askPause, reader: theCallback})
}

func resumeRedeliveries(o *operator) {
	for _, name := range o.recorder.pausedRedeliveries() {
		o.do(&ask{kind: askResume, reader: name})
	}
}

func resume(o *operator) {
	o.do(&ask{kind: askResume, reader: theCallback})
}
