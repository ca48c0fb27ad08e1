// Package crash holds tests that take the real binary the hard way: they end it with kill -9 in the middle of its work,
// and they watch the order of its system calls. docs/durability.md says in words what they show.
//
// The crash test starts callboard serve on one database again and again, under load by REST, and kills it at random
// moments. The database is a file, or a PostgreSQL of its own behind a proxy, both from package pgtest; there it is the
// database, too, that is killed, stopped, cut off, stalled or refused, and then the process has to go on by itself. An App backend in the test accepts, refuses, delays and drops callbacks. Scenes are played in turns: outages over
// several lives, callbacks that are refused until they are given up, redeliveries, pauses; a second, long campaign is on a log
// that is kept for a minute. The check afterwards is a pure function over what callers, operators and App backend have seen
// and what the processes have logged of giving up: the numbers of the callbacks name one order of all changes of a room, and
// every answer and every callback must be possible in that order. It is tried on broken histories too.
//
// The trace test runs the binary under strace and shows that each OK left only after what it stands for was synced.
//
// It has tests only and nothing imports it. It uses what an App backend and an operator see: the public packages, HTTP, the
// command line and the log of the process. The tests own all processes and goroutines that they start and wait for them; they run one after the
// other, each with a folder of its own.
//
// It does not cut the power, and it does not look into the database.
//
// CALLBOARD_CRASH_KILLS is the number of kills (default 25) and of faults on PostgreSQL (default 15), CALLBOARD_CRASH_DATABASE
// the database to play on, sqlite or postgres (default both), CALLBOARD_CRASH_SEED repeats the random choices of a run,
// CALLBOARD_CRASH_SCENES names the scenes to play (default all): plain alone is a campaign in which nothing is given up.
package crash
