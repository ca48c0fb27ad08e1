// Package rest is the documented server REST API: /v4/<service>/<command>, called by App administrators.
//
// [Handler] takes a request apart, asks the engine or the committed state, and answers with the documented envelope.
// Guarantees:
//
//   - The answer is always HTTP 200 and one valid envelope; its RequestId is unique, stands in the log and goes to the
//     engine as the cause of the change.
//   - A request is judged in one order: path, method, encoding, query, App, UserSig, App administrator, key,
//     frequency, size of the body, its text, its JSON, its fields. Nothing of a body is read before its sender is known.
//   - Every length is limited before it is decoded. Fields are matched by their exact names, and what is refused is
//     named with what it takes.
//   - No UserSig, query, token or internal error is in an answer, a log line or a metric.
//
// Calls are a table (call.go): one line each, with a function that names its fields. What a room may do is decided in
// package live, not here.
//
// All methods may be called from many goroutines; the package starts none. How often an App calls is limited only where
// the App is held to the documented frequencies (frequency.go), and counted in this process alone. The package sets no
// deadlines on connections (the http.Server does) and never changes state except through the engine.
package rest
