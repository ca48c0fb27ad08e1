package server

import (
	"github.com/callboard/callboard/internal/config"
	"github.com/callboard/callboard/internal/feed"
)

// budget is what the setting memory allows: at its default, 200 MB, the figures of docs/architecture.md; else in proportion,
// but never so little that nothing works.
type budget struct {
	window   int64 // bytes of events that wait to be sent, of all Apps
	inFlight int   // callbacks that are being sent
	records  int   // attempts in flight or recorded and not stored
	held     int   // lanes that one reader sets aside
	idle     int   // kept connections to App backends
	calls    int   // connections of callers
	commands int   // commands that wait
	userSigs int   // UserSigs that are known to be valid
	readers  int   // callers that read events or rooms, or wait for events
}

func budgetOf(memory int64) budget {
	if memory == 0 {
		memory = config.DefaultMemory
	}
	scaled := func(standard, least int64) int64 {
		return max(int64(float64(standard)*float64(memory)/config.DefaultMemory), least)
	}
	return budget{
		window:   scaled(64<<20, 1<<20),
		inFlight: int(scaled(1024, 16)),
		records:  int(scaled(32_768, 1024)),
		held:     int(scaled(10_000, 100)),
		idle:     int(scaled(2048, 16)),
		calls:    int(scaled(10_000, 100)),
		commands: int(scaled(4096, 64)),
		userSigs: int(scaled(10_000, 100)),
		readers:  int(min(scaled(feed.StandardReaders, 16), feed.StandardReaders)),
	}
}
