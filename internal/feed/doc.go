// Package feed lets a receiver check what it was told: the log of an App as pages and as a stream (events), its rooms
// (snapshot), how far a reader is (head), and which lanes the receiver has wrong (verify). docs/feed.md is for those who call.
//
//   - A page and a stream have every event after a position, in order, with exactly the bytes of the callback. What the log has
//     forgotten is never left out silently: the answer is 410, or the event "reset".
//   - Whoever waits is woken by a commit of this process at once, and of another within a second.
//   - Memory is bounded: what is read of the log is written in parts of 64 KiB, and there are at most so many readers.
//   - Who does not take what is written for 10 seconds is cut off. Nobody else waits for them: no lock is held while writing.
//
// The newest events of an App are kept encoded for all who wait for more of them (tail): one goroutine for each App with
// readers asks the store. Who is behind that reads the log in pages.
//
// A [Handler] may be used by any number of goroutines. It changes nothing, and decides nothing about what is logged.
package feed
