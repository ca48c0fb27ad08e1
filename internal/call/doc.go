// Package call is what calls below /callboard/v1/ have in common, whichever edge answers them: how a path is to be called, who may,
// how a body is read, how an answer or a failure is written, and how many ask the store at one time.
//
//   - Nobody is told anything of an App before they have proved that they may call for it.
//   - What is not known is refused: a misspelt parameter or key must not widen what is asked for.
//   - Callers never see the text of a store.
//
// A [Path] and [Turns] may be used by any number of goroutines. The package knows no path but [Prefix], and no store.
package call
