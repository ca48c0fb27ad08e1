package bench

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// calls is the load of a measurement of latency: one fleet for each App.
type calls struct {
	client *fasthttp.HostClient
	fleets []*fleet
	timed  int // of them
	times  *timeline
	next   atomic.Int64 // account of a timed call
}

func newCalls(address string, leg latencyLeg) (*calls, error) {
	c := &calls{client: newHostClient(address, openWorkers), timed: leg.apps - leg.silent}
	c.times = newTimeline(int(float64(leg.rate) * leg.during.Seconds()))
	for app := range leg.apps {
		f, err := newFleet(c.client, app, leg.rooms)
		if err != nil {
			return nil, err
		}
		c.fleets = append(c.fleets, f)
	}
	return c, nil
}

// play warms up, and then makes timed calls. The rooms of the warm-up have their administrators taken away again first,
// so that no timed call unmakes one whose account is not timed.
func (c *calls) play(ctx context.Context, address string, leg latencyLeg) (late []float64, err error) {
	call := func(i int, intended time.Time) { c.fleets[i%len(c.fleets)].change(ctx, intended) }
	if _, err := openLoop(ctx, leg.rate, leg.warm, call); err != nil {
		return nil, err
	}
	for _, f := range c.fleets[:c.timed] {
		f.settle()
		f.timed(c.times, &c.next)
	}
	if leg.begin != nil {
		if err := leg.begin(ctx, address); err != nil {
			return nil, err
		}
	}
	return openLoop(ctx, leg.rate, leg.during, call)
}

// answered is how many changes of timed Apps were answered OK, and how many calls of them were not.
func (c *calls) answered() (done, unknown int) {
	for _, f := range c.fleets[:c.timed] {
		done += int(f.done.Load())
		unknown += int(f.unknown.Load())
	}
	return done, unknown
}

func (c *calls) problems() []string {
	var list []string
	for _, f := range c.fleets {
		list = append(list, f.problems()...)
	}
	return list
}
