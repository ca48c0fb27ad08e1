// Package acceptance drives the real binary as its users do: by its command line, its config file, its signals, REST
// over the wire and callbacks at an App backend.
//
// It has tests only. [TestMain] builds cmd/callboard once. What a shell shows is a script in testdata/script; what
// needs a clock, a socket or an App backend is a Go test. A promise is the name of a test or of a script.
//
// Every process is started by the test that needs it, in a folder of its own, listens on a free port, and is ended by
// the end of that test, whatever its outcome. So tests run in parallel. They wait for a line of the log, an answer or a
// callback, never for a time to pass.
//
// The tests need a Unix: they send signals and read file modes. They see what an App backend sees and import public
// packages only. They do not kill processes in the middle of their work, which test/crash does, and do not measure.
package acceptance
