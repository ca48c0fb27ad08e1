// Package wire turns what happened into what is sent: a domain event of package live into command word, body, URL and
// headers of a callback, and a kind of refusal into its documented code. There is one file per command; its golden
// packet is testdata/<command>.txtar.
//
// A body is encoded once, in the commit: keys in the order of the documented sample, compact, without HTML escaping.
// The functions are pure and safe for concurrent use. The package neither sends nor stores anything.
package wire
