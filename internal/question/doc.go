// Package question asks App backends before something is done: whether a gift or a message may be sent. [Asker] stands in the
// place of the engine for the edges, and hands every command on that nobody is to be asked about.
//
// A command about which the App backend is asked (live.Asked, the App has subscribed to the topic's command, and a callback URL is
// set) takes three steps, none of them in a transaction:
//
//  1. It is rehearsed: its rules run on committed state and change nothing. What would be refused anyway is not asked, and
//     what was done before under its idempotency key is answered as it was.
//  2. The question is posted to the callback URL, as a callback is but without the numbers of one: it is in no log.
//  3. The command is run as the answer says, and its rules run again: between rehearsal and answer anything may have changed.
//
// Guarantees:
//
//   - An answer counts if it comes within 2 s, which cover waiting for a turn, connecting and the whole answer, with status 200 and
//     a JSON object that has an ErrorCode. What follows from no such answer is decided in package live: a message is sent, a
//     gift is not.
//   - At most 64 questions of an App and 1,024 in all are under way; others wait for their turn within their 2 s.
//   - Nothing is stored, and nothing is asked again later. Yet a question may arrive twice: when a kept connection turns out to have
//     ended, or when the caller calls twice.
//   - A caller who leaves while the App backend is asked has nothing done.
//   - No token, secret, query or text of an answer is in a log line. Metrics have no label for the App.
//
// [Asker.Do] may be called from any number of goroutines; the package starts none.
package question
