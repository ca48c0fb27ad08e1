// Package sqlite is the store on one machine: one file, one process, one committer.
//
// [DB] fulfils the contracts that its users declare: engine.Store, delivery.Log, delivery.Retention, delivery.Backlogs and
// rest.Rooms. Guarantees:
//
//   - A commit of rooms and events is on the disk before it is answered: WAL with synchronous=FULL. A settlement, and
//     what retention removes, is committed with synchronous=NORMAL: the next commit of events syncs it, and losing it
//     repeats callbacks or the removing.
//   - One connection writes; Begin waits for it. Reads use connections of their own and see committed state only.
//   - A read of many rows or Apps is one of pages, each a transaction of its own.
//   - Checkpoints run on a connection of their own, so that no commit pays for one; see checkpoint.go for the bound
//     of the WAL.
//   - After a COMMIT of unknown outcome the file is closed and opened anew, tried again each second. Meanwhile every
//     call fails at once with [ErrAway]. Before it is used again the WAL is moved into the database and synced: what
//     an earlier failed sync left in memory only cannot hide below later commits.
//   - Ready is an error from a write that failed, at whatever step, to the next one that works; when nobody writes, one
//     row is written each second to find out.
//   - A second process is refused by a lock on a side file, also under another name of the database: lock.go tells how.
//     The files are readable by their owner only.
//
// All methods of DB may be called from many goroutines. A transaction is one goroutine's, which must not call the store
// otherwise before it has ended. It does not retry statements and runs no rules.
package sqlite
