// Package delivery tells App backends what happened: it reads an App's log, sends callbacks, judges the answers, sets
// failing lanes aside and records how far it is. ../eventlog/DESIGN.md has the guarantees and the invariants.
//
//   - The first arrival of a callback comes after the one before it in its lane was accepted or failed for good.
//   - A callback event is forgotten only when it is settled: delivered, failed (profile cloud) or discarded.
//   - Lanes do not wait for each other. Apps do not wait for each other's backends as long as at most some 64 of them hang:
//     the last quarter of the slots is for Apps that have fewer than four attempts in flight. There is no fair queue yet.
//   - An App backend that accepts nothing is only probed, and nothing is kept in memory for it.
//   - What waits beyond the window waits in the log: memory is bounded whatever App backends do.
//
// [Dispatcher] owns all goroutines: one per reader while the reader has something to do, one per attempt in flight, and
// one that stores settlements. A reader's state (window) belongs to its goroutine and is pure, so that a model test can
// drive it. Giving up, announcements and retention are not built yet: a durable callback is tried until it is accepted.
package delivery
