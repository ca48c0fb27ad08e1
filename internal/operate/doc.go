// Package operate is what operators ask of delivery and do with it: methods of [Control], and over HTTP below /callboard/v1/:
//
//	GET  deliveries  the delivery log: each attempt, with both verdicts           Control.Deliveries
//	GET  dead        dead letters, with body=1 their bodies, byte for byte        Control.Dead
//	GET  why         what became of an event, and why it has not arrived          Control.Why
//	POST redeliver   send again: one event, a lane, a range, dead letters only    Control.Redeliver
//	POST pause       send nothing until resume; a reader by its name, or callback Control.Pause
//	POST resume      end a pause                                                  Control.Resume
//	POST discard     end the wait of a reader's backlog, or cancel a redelivery   Control.Discard
//
// Callers prove who they are as for the REST API: sdkappid, identifier and usersig in the query, of an App administrator; or
// with a token of the App, see [access.Gate.Enter].
// Answers have real HTTP statuses and JSON with PascalCase keys; an error is {"Error": "what to do"}. What an answer of
// status 200 to a POST says is stored and outlives a restart.
//
// A page looks at a bounded number of rows, because no index is kept for operators on what delivery writes: it may be short, or
// empty, and still have a Next. Callers take turns to ask the store. What is in memory only, a reader is asked for
// itself, for a second at most; everything else is as last stored.
//
// A Handler and a Control may be used by any number of goroutines and start none. The package decides nothing about delivery.
package operate
