// Package house holds the rules of the code that a machine can hold: which package may import which, one package comment
// each, a fuzz target wherever the network is read, an example for every public function, no sleeping in tests, no path of
// a developer's machine.
//
// It has tests only and nothing imports it. The tests read the source of the module from disk, of all systems and build
// tags at once, and change nothing; they may run in parallel with everything else. Each rule is a function from a module
// to a list of findings, tried on a small broken module first, so that a rule that no longer finds anything fails too.
//
// It does not judge what a linter judges already (see .golangci.yml), nor what a package can test about itself, such as
// the golden packets of wire.
package house
