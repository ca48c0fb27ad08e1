// Package gap holds the proof of callback.Inbox: whatever happens between a server and an App backend, the App backend's
// tables end exactly as the rooms are, each callback having been handed over once and in the order of its lane.
//
// A run is a simulation made of one seed. A live backend changes rooms and sends callbacks; a proxy before the App backend drops, repeats,
// reorders and fails a tenth of them; two replicas of the App backend, with one database, receive. On the way
// both sides are restarted, the log is replaced by that of an older backup, callbacks are given up and sent again, switches are turned
// off and on, rooms are destroyed and made again, transactions roll back, the feed fails and forgets. What the two replicas do at
// the same time is interleaved where it can be: within each request to the feed. On the way no callback may be handed over twice, after a
// later one, though the snapshot has it, or before another that nobody has announced as skipped; what was answered OK has to
// be there; and what a report calls late has to wait. At the end everything is calm, what was given up is sent again, and the tables are
// compared.
//
// The driver knows the server by the interface backend, which two play:
//
//   - model keeps the log by the rules of internal/eventlog/DESIGN.md, in memory and without a network. A run is the same
//     again with the same seed, and there are many.
//   - server is an App of the real binary on a database of its own. A run takes seconds and plays some Apps at once, each with a seed: callbacks
//     go over connections, rooms are changed by REST by several at once, kill -9 ends the server, the App backends' HTTP servers are cut off in
//     the middle of their transactions or between the commit and the answer, callbacks are held until the sender has left, what was
//     given up is sent again while a reset is under way, and all logs are replaced by a copy of the database that an earlier moment
//     left, with another name of the log. The seed decides what is done, to which callback and in which order, not how long
//     it takes, so a failure need not come again.
//
// It has tests only and nothing imports it. CALLBOARD_GAP_SEEDS is the number of seeds of the model on each database
// (default 40 on SQLite, 6 on PostgreSQL), CALLBOARD_GAP_SEED the first one; a failure names its seed. CALLBOARD_GAP_RUNS is the
// number of runs with the real binary on each database (default 1), CALLBOARD_GAP_APPS how many Apps, and so seeds, each has (default 4),
// CALLBOARD_GAP_SECONDS how long each has trouble at least (default 7).
package gap
