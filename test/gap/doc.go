// Package gap holds the proof of callback.Inbox: whatever happens between a server and an App backend, the App backend's
// tables end exactly as the rooms are, each callback having been handed over once and in the order of its lane.
//
// A run is a simulation made of one seed. A live backend changes rooms and sends callbacks; a proxy before the App backend drops, repeats,
// reorders and fails a tenth of them; two replicas of the App backend, with one database, receive. On the way
// both sides are restarted, the log is replaced by that of an older backup, callbacks are given up and sent again, switches are turned
// off and on, rooms are destroyed and made again, transactions roll back, the feed fails and forgets. What the two replicas do at
// the same time is interleaved where it can be: within each request to the feed. At the end everything is calm, what
// was given up is sent again, and the tables are compared.
//
// The driver knows the server by the interface backend. Here it is played by model, which keeps the log by the rules of
// internal/eventlog/DESIGN.md, in memory and without a network.
//
// It has tests only and nothing imports it. CALLBOARD_GAP_SEEDS is the number of seeds on each database (default 40 on
// SQLite, 6 on PostgreSQL), CALLBOARD_GAP_SEED the first one; a failure names its seed.
package gap
