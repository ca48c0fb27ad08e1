// Package eventlog holds the values of an App's log and of those who read it: [Event], [Lane], [Cursor], [Held] and
// [Attempt]. DESIGN.md in this folder has the guarantees, the invariants I1 to I5 and the crash table.
//
// Every App has one log. Its numbers (seq) start at 1, have no gaps and are in commit order. Within a lane, the unit
// of order, room_seq numbers the changes that have a documented callback.
//
// The package knows nobody: no App, no store, no HTTP. Stores keep these values; engine writes them; delivery reads
// them. [Cursor] belongs to one goroutine at a time; the other types are plain values. The contracts that a store
// has to fulfil are declared by their users: engine.Store and delivery.Log.
package eventlog
