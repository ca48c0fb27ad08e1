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
//   - Commands of an App run in the order in which they came, and its events are handed on in the order of their numbers. When
//     more than 50 a second enter one room, the further ones are gathered for at most 100 ms, or until there are 500, and are
//     committed together; whatever else names the room goes behind them, so the order holds for each room.
//   - Groups run under the server's context: a caller that leaves does not roll back its neighbours.
//
// Committers, goroutines that [Engine.Run] starts and waits for, form the groups and commit them. A single one takes groups
// over all Apps. Several take groups of one App each, and none takes an App that has a group under way: so an App waits
// for no other App's commit while a committer is free, and its own groups never overlap. What is read again after a COMMIT
// of unknown outcome takes its turn like a group of its App. Do may be called from any number of goroutines; the queue
// before the committers is bounded.
//
// The package does not read rooms for callers: edges read committed state from the store through contracts of their own.
package engine
