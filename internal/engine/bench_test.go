package engine_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// benchRooms is how many rooms the changes of a benchmark are spread over.
const benchRooms = 256

// BenchmarkDo commits changes to the disk that holds the temporary folder: each is a real, durable one with its event.
func BenchmarkDo(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			f := newFixture(b, engine.Options{})
			f.start()
			for i := range benchRooms {
				f.do(app1, create(live.RoomID(fmt.Sprintf("r%d", i))))
			}
			var next atomic.Int64
			var done sync.WaitGroup
			b.ResetTimer()
			for range callers {
				done.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						if err := toggle(f.engine, n); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			done.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
		})
	}
}

// toggle makes the nth change, which really is one: each room gets and loses the same administrator in turn.
func toggle(e *engine.Engine, n int64) error {
	op := live.AddAdministrators
	if n/benchRooms%2 == 1 {
		op = live.DeleteAdministrators
	}
	cmd := live.ModifyAdmin{Room: live.RoomID(fmt.Sprintf("r%d", n%benchRooms)), Accounts: []live.Account{"x"}, Op: op}
	_, err := e.Do(context.Background(), app1, actor, cmd)
	return err
}
