// Package engine is the one way in for every change: [Engine.Do], from REST, clients, console and timers.
//
// It groups concurrent commands, loads what they name, runs the rules of package live, encodes the callbacks' bodies
// once, commits, answers, and hands the events on to delivery. Guarantees:
//
//   - One commit: a change and the events that report it are committed in one transaction.
//   - A command ends as done (durable), refused (nothing changed, a *live.Error) or unknown (a *live.Error of kind
//     live.Unavailable: it may have happened, then with its events, or not at all).
//   - No answer of a group, refusals included, leaves before the COMMIT of the group: a refusal may rest on what a
//     neighbour in the group did.
//   - An error before COMMIT rolls back, and each command of the group runs again alone, once. An error of COMMIT
//     is unknown for all of them, and nothing is run again; what it may have stored is read again from the store.
//   - Groups run under the server's context: a caller that leaves does not roll back its neighbours.
//
// One goroutine, started by [Engine.Run], forms the groups and commits them. Do may be called from any number of
// goroutines; the queue before the committer is bounded.
//
// The package does not read rooms for callers: edges read committed state from the store through contracts of their own.
package engine
