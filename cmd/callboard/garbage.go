package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// leastGarbage is how many bytes of garbage come together before they are collected. Go's own rule, as much garbage as
// there is live memory, has a server whose live memory is some MB collect dozens of times a second.
const leastGarbage = 16 << 20

// collectLate makes the collector wait for leastGarbage, or for as much garbage as there is live memory where that is more.
// Whoever sets GOGC decides instead.
func collectLate() {
	if os.Getenv("GOGC") == "" {
		adjust(0)
	}
}

// adjust sets what the live memory of the last collection asks for; percent is what it set before. It is called again
// after the next collection: by then the object that it leaves behind is garbage.
func adjust(percent int) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	next := garbagePercent(live[0].Value.Uint64())
	if next < percent*9/10 || next > percent*11/10 { // setting it stops the world
		debug.SetGCPercent(next)
		percent = next
	}
	runtime.AddCleanup(new([16]byte), adjust, percent)
}

// garbagePercent is GOGC for so many bytes of live memory: 100 or more.
func garbagePercent(live uint64) int {
	const most = 800
	return int(min(max(100, leastGarbage*100/max(live, 1)), most))
}
