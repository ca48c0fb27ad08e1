// Package access finds out who calls: it reads the query of a call, sdkappid, identifier and usersig, and lets App
// administrators in, who prove it with a UserSig. The REST API, the feed and the operations below /callboard/ use it alike;
// there, a token of the App in the header Authorization will do instead.
//
// A UserSig that was found valid is remembered until it expires, so that a caller who reuses one is not verified anew.
// Refused ones are not remembered: they would let anybody push out the valid ones. Its lifetime, the App's key and the role
// are checked at every call. A token is compared at every call.
//
// A [Gate] may be used by any number of goroutines. The package reads no body and decides no rights beyond the role.
package access
