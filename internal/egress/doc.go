// Package egress sends every HTTP request that Callboard makes to the outside: callbacks to App backends first of all.
// It consists of a [Guard], which decides which addresses may be reached, and a [Sender], which posts a body and reports
// what came back.
//
// Guarantees:
//
//   - No connection is made to an address that the Guard refuses. The address is checked when it is dialled, after the
//     name was resolved, so a name that changes its address between a check and its use gains nothing.
//   - Send returns within its timeout, which covers resolving, connecting, TLS, and the whole answer.
//   - No redirect is followed, no proxy is taken from the environment, nothing is decompressed, TLS verification cannot
//     be switched off.
//   - Memory is bounded: idle connections, answer headers (32 KiB) and answer bodies (64 KiB) have limits.
//   - A connection lives five minutes at most, also under constant traffic, so that a change of DNS or of a certificate
//     takes effect.
//   - What a connection still holds of an earlier answer is never taken for the answer to a later request.
//   - Error texts carry neither the query nor the user info of a URL, nor bytes that the peer sent in its answer.
//
// Concurrency: a Guard never changes and a Sender may be used by any number of goroutines. The package starts no
// goroutine and no ticker of its own; those of net/http live as long as a connection, or a dial, which ends at the
// timeout of the Send that began it. A Sender at rest loses its connections by the idle timeout.
//
// What it does not do: it does not judge answers, does not repeat a request (except the one case that [Sender.Send]
// names), keeps no statistics and logs nothing.
package egress
