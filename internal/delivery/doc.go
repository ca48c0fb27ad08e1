// Package delivery tells App backends what happened: it reads an App's log, sends callbacks, judges the answers, sets
// failing lanes aside and records how far it is. ../eventlog/DESIGN.md has the guarantees and the invariants.
//
//   - The first arrival of a callback comes after the one before it in its lane was accepted, given up, or failed for good.
//   - A callback event is forgotten only when it is settled: delivered, given up, failed (profile cloud) or discarded. What
//     is given up becomes a dead letter, and the lane's next callback announces it.
//   - Lanes do not wait for each other, and Apps not for each other's backends: slots are given in turn (slots), and
//     backends that are slow or accept nothing have half of them at most.
//   - An App backend that accepts nothing is only probed, and nothing is kept in memory for it.
//   - What waits beyond the window waits in the log: memory is bounded whatever App backends do.
//
// [Dispatcher] owns all goroutines: one per reader while the reader has something to do, one per attempt in flight, one
// that stores settlements, and one that forgets what is old. A reader's state (window) belongs to its goroutine and is
// pure, so that a model test can drive it. Each further endpoint of an App is a reader of its own, and so is a redelivery.
//
// The package decides nothing about what is logged, and judges answers by package policy alone.
package delivery
