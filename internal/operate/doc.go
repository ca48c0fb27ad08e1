// Package operate is what operators do with delivery, over HTTP below /callboard/v1/: send callbacks again, pause, resume.
//
// Callers prove who they are as for the REST API: sdkappid, identifier and usersig in the query, of an App administrator; or
// with a token of the App, see [access.Gate.Enter].
// Answers have real HTTP statuses and JSON with PascalCase keys; an error is {"Error": "what to do"}. What an answer of
// status 200 says is stored and outlives a restart.
//
// A Handler may be used by any number of goroutines and starts none. The package queries nothing yet: no delivery log, no
// dead letters.
package operate
