// Package pgtest gives tests a real PostgreSQL, and ways to treat it badly.
//
//   - [Database] is a new, empty database on a server that all tests of the process share. It is dropped when its test ends.
//   - [Start] is a server of the test's own, which may be stopped, killed, frozen and started again.
//   - [NewProxy] stands between a client and a server and cuts, refuses or stalls connections.
//   - [Bouncer] is a pgbouncer in transaction mode before a server.
//
// Servers are made from the programs of the machine: PostgreSQL 15 or later, found in PATH or where packages put it. They
// run on loopback, with a password, in a temporary folder; as user postgres or nobody when the test runs as root. They
// sync what they commit. Text is not sorted by bytes, so that a statement which forgot COLLATE "C" is found out. Where
// CALLBOARD_TEST_POSTGRES is the URL of a server on which databases may be created, [Database] uses that one. Without
// either, and without pgbouncer for [Bouncer], the test is skipped with a line that says how to get it.
//
// No server outlives its tests, whatever ends the process: a return, a panic, a time limit or kill -9. A small process, the
// guard, waits for that end, stops the server and removes its folder. (On the server of CALLBOARD_TEST_POSTGRES, the
// databases of a killed process remain; their names begin with callboard_test_.) Nothing needs a call in TestMain, and no
// goroutine remains for goleak to find.
//
// [Database], [Bouncer] and the methods of [Proxy] may be called by tests that run in parallel. A [Server] is treated badly
// by one goroutine at a time, the one that runs its test; its URLs may be used by all.
//
// The package is test support: it imports testing, and only tests import it. It does not know Callboard's schema. It runs
// on unix; elsewhere only CALLBOARD_TEST_POSTGRES gives a database.
package pgtest
