// Package callback is what an App backend imports to receive the callbacks of a Live backend: the packet of each
// callback, Sign and its verification, Signer for signatures over headers and body, and Handler, an http.Handler that
// checks a callback, decodes it and calls one function. Sender and receiver share packets and signatures, so that each
// has one description only.
//
// # Guarantees
//
// Handler calls at most one function, once, for a request, and only after every check has passed: method, SDKAppID,
// Sign, size, signatures, JSON, command, header numbers, packet. It answers every request with the documented envelope,
// also when it refuses the request and when the function fails or panics. What a function returns as a plain error is
// logged and not sent; see Error. A packet marshals to the documented keys, in the order of the documented sample, with
// the documented JSON types; it unmarshals from every variant of it that the documentation or a real payload shows.
//
// Sign covers the token and the time, neither the body nor the other parameters: serve https outside of loopback. With
// Handler.SigningSecrets, whoever changes the body or a Callboard header on the way is refused; the parameters of the URL
// are not covered even then, and a callback that is repeated within 5 min is told by its numbers only.
//
// # Exactly once
//
// A callback can arrive more than once, too early or not at all. Inbox makes of that exactly one call, in the order of the lane,
// in a transaction of the App backend's own database: set Handler.OnAny to its Receive. It knows repeats by the numbers that
// Callboard sends, reads what is missing from the feed, begins anew with a snapshot when the log is another one, and proves on demand
// that everything is here. docs/receiver.md has the whole receiver and what order means.
//
// Without an Inbox: ignore a callback whose Delivery.RoomSeq is not above the last one accepted for its Delivery.Log and
// Delivery.Lane, and write the number together with the data that the callback changed. The first example does so in memory. From any
// other sender than Callboard RoomSeq is 0, and the App backend needs a key of its own, such as command, room, EventTime and a hash of
// the body.
//
// # Questions
//
// Two commands report nothing: Live.CallbackBeforeSendGift and Group.CallbackBeforeSendMsg ask whether a gift or a message may be
// sent, and the sender waits for the answer for 2 s. Handler has a function for each; without one the answer is yes. A question
// is asked before anything has happened, perhaps twice, and what it asks about may still not happen: change nothing because of
// one. docs/questions.md has what follows from no answer.
//
// # Concurrency
//
// A Handler and an Inbox are safe for concurrent use once their fields are set, and they start no goroutine. Functions run on
// the goroutine of the request, so callbacks of different lanes run at the same time. Without an Inbox a repeat can run beside
// the first arrival when that one has not been answered in time.
//
// # What it does not do
//
// Handler stores nothing and orders nothing. It sets no timeout: the http.Server around it does, and the function should end
// within the sender's timeout (2 s as documented, 5 s is the default of Callboard). Inbox brings
// no database driver, and it orders callbacks of one lane only.
package callback
