// Package liveapi has the requests, responses and codes of the server REST API of Live, and a client for it.
//
// The types are those of the wire: field names in Go style with the documented keys as JSON tags. [Client] makes the
// calls; it is safe for concurrent use and reuses connections. It does not retry: a call that ends with an error of
// the network, or with [CodeInternal], may have happened (of the latter, Info says so when it cannot have), and the caller
// knows best how to find out.
//
// The package uses the standard library only, and nothing of the server.
package liveapi
