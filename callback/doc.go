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
// # Repeats
//
// A callback can arrive more than once. A sender that is Callboard numbers the callbacks of a lane: ignore one whose
// Delivery.RoomSeq is not above the last one accepted for its Delivery.Log and Delivery.Lane, and write the number
// together with the data that the callback changed. The example below does so in memory. From any other sender RoomSeq
// is 0, and the App backend needs a key of its own, such as command, room, EventTime and a hash of the body.
//
// # Concurrency
//
// A Handler is safe for concurrent use once its fields are set, and it starts no goroutine. Its functions run
// on the goroutine of the request, so callbacks of different lanes run at the same time. A repeat can run beside the
// first arrival when that one has not been answered in time.
//
// # What it does not do
//
// It sends nothing, stores nothing and orders nothing. It sets no timeout: the http.Server around it does, and the
// function should end within the sender's timeout (2 s as documented, 5 s is the default of Callboard). It cannot answer
// Group.CallbackBeforeSendMsg with a replaced message.
package callback
