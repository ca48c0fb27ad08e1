// Package postgres keeps rooms, the log and its readers in PostgreSQL 15 or later, for whoever outgrows one machine. It
// satisfies the same contracts as package sqlite: engine.Store, delivery.Log, delivery.Retention, delivery.Backlogs and the
// readings of rooms.
//
// # Guarantees
//
// A transaction of a change has the one shape of the contract, in two round trips: the first begins it, puts rows where
// rooms may be created, and locks the rooms in the order of their bytes; the second writes them, locks the App's row of
// numbering, numbers and inserts the events and commits. The row of numbering is locked and never updated, and the next
// number is read in the statement after the lock, which sees what was committed while it waited. A room has two rows: one to lock,
// which is not updated either, and its state, which is replaced every few changes. Package eventlog has the reasons. Nothing is held while this process thinks but the locks of rooms, and those for three seconds at most: the server
// ends a transaction that is idle for longer.
//
// The log and the attempts are partitioned by day and dropped whole. Until then what retention has forgotten is below the
// App's floor, which every reading respects. No row is updated for each callback.
//
// # Several processes
//
// Several processes may use one database. What they change is kept apart by row locks; which of them delivers is decided by
// the fence of a reader, whose holder alone may settle.
//
// # Concurrency
//
// All methods may be called from many goroutines. [DB] owns two goroutines, which [DB.Close] ends: one makes and drops the
// partitions of days, one finds out when a database that was away is back.
package postgres
