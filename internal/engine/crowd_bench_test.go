package engine_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// latencies of calls, from many goroutines.
type latencies struct {
	mu   sync.Mutex
	list []time.Duration
}

func (l *latencies) note(since time.Time) {
	took := time.Since(since)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, took)
}

func (l *latencies) report(b *testing.B, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Sort(l.list)
	at := func(share int) float64 { return l.list[len(l.list)*share/100].Seconds() * 1000 }
	b.ReportMetric(at(50), what+"-p50-ms")
	b.ReportMetric(at(99), what+"-p99-ms")
}

// BenchmarkJoins lets b.N accounts enter one room, so many a second, and changes its administrators and those of another room
// beside, 50 times a second each. Latencies count from the moment at which a call was to be made.
func BenchmarkJoins(b *testing.B) {
	for _, rate := range []int{100, 2_000, 10_000} {
		b.Run(fmt.Sprintf("rate=%d", rate), func(b *testing.B) {
			f := newFixture(b, engine.Options{})
			f.start()
			f.do(app1, live.CreateRoom{Room: "r1", Type: live.RoomType, Attributes: live.Attributes{MaxMemberCount: new(int64(live.MaxMembers))}})
			f.do(app1, create("r2"))
			var joins, same, other latencies
			ctx, end := context.WithCancel(b.Context())
			var beside, entering sync.WaitGroup
			for room, l := range map[live.RoomID]*latencies{"r1": &same, "r2": &other} {
				beside.Go(func() { modifyBeside(ctx, b, f, room, l) })
			}
			begun := time.Now()
			b.ResetTimer()
			for i := range b.N {
				due := begun.Add(time.Duration(i) * time.Second / time.Duration(rate))
				if wait := time.Until(due); wait > 0 {
					<-time.After(wait)
				}
				entering.Go(func() {
					if _, err := f.engine.Do(context.Background(), app1, actor, enter(live.Account(fmt.Sprint(i)))); err != nil {
						b.Error(err)
					}
					joins.note(due)
				})
			}
			entering.Wait()
			b.StopTimer()
			end()
			beside.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "joins/s")
			joins.report(b, "join")
			same.report(b, "same-room")
			other.report(b, "other-room")
		})
	}
}

// modifyBeside adds and deletes an administrator in turn until ctx ends.
func modifyBeside(ctx context.Context, b *testing.B, f *fixture, room live.RoomID, l *latencies) {
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for op := live.AddAdministrators; ; {
		begun := time.Now()
		cmd := live.ModifyAdmin{Room: room, Accounts: []live.Account{"admin"}, Op: op}
		if _, err := f.engine.Do(context.WithoutCancel(ctx), app1, actor, cmd); err != nil {
			b.Error(err)
		}
		l.note(begun)
		if op = live.DeleteAdministrators; len(l.list)%2 == 0 {
			op = live.AddAdministrators
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}
