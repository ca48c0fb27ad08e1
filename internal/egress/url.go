package egress

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxURL is the longest URL that is accepted, in bytes, query included.
const MaxURL = 8192

// ErrURL is wrapped by every error about the form of a URL. Their texts never repeat the URL.
var ErrURL = errors.New("URL not usable")

func badURL(why string) error { return fmt.Errorf("%w: %s", ErrURL, why) }

// CheckURL checks a URL before it is stored: scheme http or https, a host, a port from 1 to 65535 if any, no blanks or
// control characters, at most [MaxURL] bytes. An address written in the URL, in any form, and localhost are judged as
// by [Guard.CheckAddr]; a name is not resolved: its address is judged when it is dialled.
//
// The error wraps [ErrURL] or is a *[RefusedError].
func (g *Guard) CheckURL(raw string) error {
	u, err := parseURL(raw)
	if err != nil {
		return err
	}
	addrs, err := literal(u.Hostname())
	if err != nil {
		return err
	}
	var refused error
	for _, addr := range addrs {
		err := g.CheckAddr(addr)
		if err == nil {
			return nil // one of localhost's two addresses is enough; the dialler skips the other
		}
		if refused == nil {
			refused = err
		}
	}
	return refused
}

// parseURL checks the form of a URL, not its address.
func parseURL(raw string) (*url.URL, error) {
	if len(raw) > MaxURL {
		return nil, badURL(fmt.Sprintf("longer than %d bytes", MaxURL))
	}
	if hasBlank(raw) {
		return nil, badURL("it has a blank, a control character or invalid UTF-8; write them percent-encoded")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, badURL("it does not parse") // the parser's own text repeats the URL
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, badURL("it must begin with http:// or https://")
	}
	return u, checkHost(u)
}

func hasBlank(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || r == ' ' || !unicode.IsPrint(r) {
			return true
		}
	}
	return false
}

func checkHost(u *url.URL) error {
	host := u.Hostname()
	if host == "" || host == "." {
		return badURL("it has no host")
	}
	if len(host) > 253 {
		return badURL("the host is longer than 253 bytes")
	}
	if !strings.HasPrefix(u.Host, "[") && strings.ContainsFunc(host, isForeign) {
		return badURL("the host has a character other than letters, digits, '.', '-' and '_' (an international name is written as xn--...)")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return badURL("the port is not from 1 to 65535")
		}
	}
	return nil
}

// isForeign finds what net/http would rewrite before it asks a resolver, so that what is checked is what is dialled.
func isForeign(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_'
}

// RedactURL returns raw without what may be secret: user info, query and fragment. Use it wherever a URL is logged or
// stored beside an attempt. A URL that does not parse becomes "(unreadable URL)".
func RedactURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || len(raw) > MaxURL {
		return "(unreadable URL)"
	}
	clean := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return clean.String()
}
