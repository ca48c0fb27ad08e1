package server

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	calmEvery = 10 * time.Second
	// calmBytes is how much is allocated in calmEvery at most when nothing happens.
	calmBytes = 1 << 20
)

// calm is the goroutine that gives memory back to the system when a busy time is over: the runtime alone keeps what it needed
// last, for a process that may never need it again.
func calm(stop <-chan struct{}) {
	look := time.NewTicker(calmEvery)
	defer look.Stop()
	allocated := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	last, busy := uint64(0), true
	for {
		select {
		case <-stop:
			return
		case <-look.C:
		}
		metrics.Read(allocated)
		now := allocated[0].Value.Uint64()
		quiet := now-last < calmBytes
		last = now
		if quiet && busy {
			debug.FreeOSMemory()
			metrics.Read(allocated)
			last = allocated[0].Value.Uint64()
		}
		busy = !quiet
	}
}
