// Package server wires the parts of Callboard into one process; it is the only place that sees them all.
//
// [New] checks the config whole, opens the store, takes the address, applies the config and begins delivery;
// [Server.Run] serves until its context ends and then stops the parts, the door (HTTP) first, then the engine, delivery,
// the sender and the store. What is in flight is finished, and the whole takes at most 10 seconds. [Check] holds the
// rules that the config cannot know, without starting anything.
//
// The package has no rules of its own. docs/architecture.md names every goroutine.
package server
