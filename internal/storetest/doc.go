// Package storetest is the one suite that every store has to pass: [Run] checks the contracts engine.Store,
// delivery.Log, delivery.Retention and delivery.Backlogs and the readings of rooms, so that what works on one store works
// on the other.
//
// Every promise is a subtest on an empty database. What only two writers can break is in it too: a harness that can open
// the same database twice gives the suite a second handle; one that cannot (a store with one process per database) is
// tested with concurrent goroutines on its only handle.
//
// The suite is test support: it imports testing, and nothing but tests imports it. It does not test what is a store's
// own: file modes, locks, schema, recovery after a failed disk. Subtests run one after the other.
package storetest
