package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// runRedelivery compares the latency of changes while the callbacks of a log are sent again with that of changes alone, on
// copies of the same database, in pairs whose halves change places.
func runRedelivery(ctx context.Context, l *lab) error {
	var alone, beside, rate, share []float64
	for i := range l.times(paired) {
		halves := []func() error{
			func() error {
				p, _, err := l.changes(ctx, nil)
				alone = append(alone, p.p99)
				return err
			},
			func() error {
				again := newReplays(l.scale.againCallbacks)
				p, took, err := l.changes(ctx, again)
				if beside = append(beside, p.p99); err != nil {
					return err
				}
				rate = append(rate, float64(l.scale.againCallbacks)/took.Seconds())
				share = append(share, 100*min(1, took.Seconds()/l.scale.againFor.Seconds()))
				return nil
			},
		}
		for half := range halves {
			if err := halves[(i+half)%len(halves)](); err != nil {
				return err
			}
		}
	}
	l.figure("p99 of changes alone", "ms", alone, nil)
	l.figure("p99 of changes beside a redelivery", "ms", beside, nil)
	l.figure("beside a redelivery against alone", "ratio", ratios(beside, alone), atMost(2))
	l.figure("rate of the redelivery", "callbacks/s", rate, nil)
	l.figure("share of the measured time in which callbacks were sent again", "%", share, nil)
	return nil
}

// changes measures the latency of changes on a log that was delivered before. again: beside a redelivery of all of it; then only
// calls that were to be made until its last callback count, and it returns how long the redelivery took.
func (l *lab) changes(ctx context.Context, again *replays) (p percentiles, took time.Duration, err error) {
	spec := fillSpec{Apps: 1, Rooms: l.scale.rooms, Callbacks: l.scale.againCallbacks, Settled: oldAge}
	h, err := l.prepared(ctx, spec)
	if err != nil {
		return p, 0, err
	}
	defer l.discard(h)
	leg := latencyLeg{apps: 1, rooms: l.scale.rooms, rate: l.scale.againRate, during: l.scale.againFor, warm: l.scale.warm, past: spec.past()}
	if again != nil {
		leg.replays = again
		leg.begin = func(ctx context.Context, address string) error {
			again.begun = time.Now()
			return redeliver(ctx, address, leg.past.seq)
		}
	}
	sorted, _, err := l.latency(ctx, h, leg)
	if err != nil {
		return p, 0, err
	}
	if again != nil {
		took = again.took()
		l.problems("the redelivery", again.verdict())
	}
	return percentilesOf(sorted), took, nil
}

// redeliver asks for the callbacks up to a number to be sent again.
func redeliver(ctx context.Context, address string, to int64) error {
	sig, err := signature(0)
	if err != nil {
		return err
	}
	body, err := json.Marshal(struct{ To int64 }{to})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	url := fmt.Sprintf("http://%s/callboard/v1/redeliver?sdkappid=%d&identifier=%s&usersig=%s", address, appID(0), administrator, sig)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if answer, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit)); err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask for a redelivery: status %d: %.200s", resp.StatusCode, answer)
	}
	return nil
}
