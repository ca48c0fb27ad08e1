// Package bench measures how fast Callboard delivers, beside what the machine can do at all.
//
// [Run] plays scenarios. In each, the server under test is a child process of the same binary that runs serve, so that
// its memory and CPU are its own; the load and the receiver that plays the App backends run in the calling process.
// What the figures are compared with is measured in the same run, in turns with the server: bare senders that post the
// same bodies and headers without a store, a pass-through (HTTP in, HTTP out, no store), and the store alone. All of
// them are child processes too.
//
// Guarantees:
//
//   - Every callback of the server and of the ceilings is checked: nothing lost, no lane out of order, no gap in its
//     numbers, no number or byte altered in a repeat. A figure of a run that lost something is reported with that problem.
//   - Latency counts from the moment at which a call was to be made, so a server that stalls cannot hide the calls that
//     waited for it (coordinated omission).
//   - Everything stays on loopback, a PostgreSQL elsewhere excepted. Children end when Run returns, also by an error or a
//     context that ends; every wait has a limit. Folders and databases that were made for it are removed.
//
// Run may be called once at a time: the figures of two runs on one machine mean nothing. The goroutines that it starts
// end before it returns.
//
// The package does not judge a quick run, does not decide whether the machine is otherwise idle, and tunes nothing.
// docs/performance.md says how to run it and how to read its table.
package bench
