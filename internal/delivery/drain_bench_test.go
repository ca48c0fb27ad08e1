package delivery_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/live"
)

// instant accepts everything and tells when it had its share.
type instant struct {
	left atomic.Int64
	done chan struct{}
}

// Send implements delivery.Sender.
func (s *instant) Send(context.Context, egress.Request) egress.Answer {
	if s.left.Add(-1) == 0 {
		close(s.done)
	}
	return egress.Answer{Status: http.StatusOK, Body: []byte(`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)}
}

// BenchmarkDrain delivers a backlog from the store, from the start of the dispatcher to the last answer.
func BenchmarkDrain(b *testing.B) {
	const rooms, backlog = 50, 2000
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b, b.TempDir())
		w.boot()
		w.backlog(rooms, backlog)
		sender := &instant{done: make(chan struct{})}
		sender.left.Store(backlog)
		w.d = delivery.New(delivery.Options{Log: w.db, Sender: sender, Settings: w.eng.App})
		b.StartTimer()
		if err := w.d.Start(context.Background()); err != nil {
			b.Fatal(err)
		}
		<-sender.done
		b.StopTimer()
		w.shut()
		b.StartTimer()
	}
	b.ReportMetric(backlog*float64(b.N)/b.Elapsed().Seconds(), "callbacks/s")
}

// backlog commits callbacks that nobody delivers.
func (w *world) backlog(rooms, callbacks int) {
	w.configure(app1, nil)
	w.d.Stop()
	for i := range rooms {
		w.create(room(i))
	}
	for i := range callbacks {
		w.modify(room(i%rooms), 1)
	}
}

func room(i int) live.RoomID { return live.RoomID(fmt.Sprintf("room-%d", i)) }
