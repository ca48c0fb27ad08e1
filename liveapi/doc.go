// Package liveapi has the requests, responses and codes of the server REST API of Live, and a client for it.
//
// The types are those of the wire: field names in Go style with the documented keys as JSON tags. [Client] makes the
// calls; it is safe for concurrent use and reuses connections. A call that ends with an error of the network, or with
// [CodeInternal], may have happened (of the latter, Info says so when it cannot have). So only what is safe to repeat is
// repeated: reads, and calls under an idempotency key, see [Client.WithKey]; of all others the caller knows best how to find
// out. A key belongs to this server: the cloud does not know it.
//
// The package uses the standard library only, and nothing of the server.
package liveapi
