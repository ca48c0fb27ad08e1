package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// sendSpec is the order of a bare sender: so many callbacks over so many rooms of one App, each room in its order.
type sendSpec struct {
	Client    string
	URL       string
	Rooms     int
	Callbacks int
	InFlight  int
}

// The bare senders.
const (
	clientShipped  = "shipped"  // egress.Sender, which the server uses
	clientNetHTTP  = "net/http" // without what egress adds
	clientFastHTTP = "fasthttp"
)

var clients = []string{clientShipped, clientNetHTTP, clientFastHTTP}

// poster sends one callback and returns when it was answered OK. Each is used by one goroutine.
type poster interface {
	post(ctx context.Context, e *eventlog.Event) error
}

type sendResult struct{ Sent int }

// runSend is a bare sender: the loop over the rooms, the client, and nothing else.
func runSend(ctx context.Context, order []byte, out *json.Encoder) error {
	var spec sendSpec
	if err := json.Unmarshal(order, &spec); err != nil {
		return err
	}
	posters, closeAll, err := newPosters(spec.Client, spec.URL, spec.InFlight)
	if err != nil {
		return err
	}
	defer closeAll()
	s := &sending{spec: spec}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	for i, p := range posters {
		running.Go(func() {
			if err := s.run(ctx, i, p); err != nil {
				cancel(err)
			}
		})
	}
	running.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return out.Encode(sendResult{Sent: int(s.sent.Load())})
}

type sending struct {
	spec sendSpec
	seq  atomic.Int64
	sent atomic.Int64
}

// run sends the share of one of the senders, which has its own rooms: i, i + in flight, and so on, in turn.
func (s *sending) run(ctx context.Context, i int, p poster) error {
	lanes := make([]eventlog.LaneState, (s.spec.Rooms-i+s.spec.InFlight-1)/s.spec.InFlight)
	changes := make([]int64, len(lanes))
	for turn := 0; ctx.Err() == nil && len(lanes) > 0; turn = (turn + 1) % len(lanes) {
		seq := s.seq.Add(1)
		if seq > int64(s.spec.Callbacks) {
			return nil
		}
		t := toggle{account: accountName(silentAccount, seq), gone: changes[turn]%2 == 1}
		changes[turn]++
		e := t.event(roomName(i+turn*s.spec.InFlight), &lanes[turn], seq, time.Now())
		if err := p.post(ctx, e); err != nil {
			return fmt.Errorf("callback %d: %w", seq, err)
		}
		s.sent.Add(1)
	}
	return nil
}
