// Package server wires the parts of Callboard into one process; it is the only place that sees them all.
//
// [New] opens the store, applies the config and listens; [Server.Run] serves until its context ends and then stops the
// parts in the reverse order of their start: first the door (HTTP), then the engine, delivery, the sender and the
// store. What is in flight is finished, and the whole takes at most 10 seconds.
//
// The package has no rules of its own. docs/architecture.md names every goroutine.
package server
