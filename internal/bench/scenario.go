package bench

import (
	"context"
	"slices"
)

// scenarios by name; the names are fixed, because scripts and documents use them.
var scenarios = map[string]func(context.Context, *lab) error{
	"drain":     runDrain,
	"flood":     runFlood,
	"steady":    runSteady,
	"slow":      runSlow,
	"hung-room": runHungRoom,
	"rooms":     runRooms,
	"apps":      runApps,
	"down":      runDown,
	"idle":      runIdle,
	"retention": runRetention,
	"disk":      runDisk,
	"mixed":     runMixed,

	"redelivery": runRedelivery,

	heldTransaction: runHeldTransaction,
	numbering:       runNumbering,
}

const (
	heldTransaction = "held-transaction"
	numbering       = "numbering"
)

var (
	// named are the scenarios that are played only when somebody names them.
	named = []string{"mixed", heldTransaction, numbering}
	// onlyPostgres are those that ask about what SQLite does not have.
	onlyPostgres = []string{heldTransaction, numbering}
)

// Scenarios lists the names of all scenarios, in the order in which they are played. [Standard] lists those that are
// played unless somebody says otherwise.
func Scenarios() []string {
	return []string{"drain", "flood", "steady", "slow", "hung-room", "rooms", "apps", "down", "idle", "retention", "redelivery", "disk", "mixed",
		heldTransaction, numbering}
}

// Standard lists the scenarios that are played when none is named.
func Standard() []string {
	return slices.DeleteFunc(Scenarios(), func(name string) bool { return slices.Contains(named, name) })
}

// times is how often a scenario repeats its measurement unless somebody said otherwise.
func (l *lab) times(standard int) int {
	switch {
	case l.opt.Repeat > 0:
		return l.opt.Repeat
	case l.opt.Quick:
		return 1
	}
	return standard
}

// Repetitions in a full run.
const (
	usual  = 3
	paired = 5 // where the bar is the median of five pairs
)
