package config

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/callboard/callboard/internal/live"
)

const (
	sqliteScheme = "sqlite:"
	useDatabase  = "use sqlite:PATH or postgres://USER@HOST/DB"
	maxURL       = live.MaxCallbackURL
	maxHost      = 253
	maxCommands  = live.MaxCallbackCommands
	maxCommand   = live.MaxCallbackCommand
	maxAccount   = live.MaxAccount
)

// The rules below give the reason of a refusal, or "" if there is none.

func checkDatabase(s string) string {
	if path, ok := strings.CutPrefix(s, sqliteScheme); ok {
		if path == "" || strings.ContainsFunc(path, unicode.IsControl) {
			return "has no usable path behind sqlite:; " + useDatabase
		}
		return ""
	}
	if !strings.HasPrefix(s, "postgres://") && !strings.HasPrefix(s, "postgresql://") {
		return "is not a database that Callboard knows; " + useDatabase
	}
	return checkPostgres(s)
}

// checkPostgres has the rules on the form of a URL. Parameters are for those
// who connect.
func checkPostgres(s string) string {
	u, err := url.Parse(s) // its error has the URL, password and all
	switch {
	case err != nil:
		return "is not a URL that can be read; in a password, write what is neither letter nor digit percent-encoded, " +
			"such as %40 for @; " + useDatabase
	case strings.Contains(s, "#"):
		return "must not have a #; write it percent-encoded, as %23"
	case u.Hostname() == "" && u.Query().Get("host") == "":
		return "has no host; " + useDatabase
	case !validPort(u.Port(), 1):
		return "has no valid port; use one from 1 to 65535, such as postgres://USER@HOST:5432/DB"
	}
	return ""
}

// hasPassword tells whether a database URL that checkDatabase accepted holds
// a password.
func hasPassword(database string) bool {
	u, err := url.Parse(database)
	if err != nil || strings.HasPrefix(database, sqliteScheme) {
		return false
	}
	_, inUser := u.User.Password()
	return inUser || u.Query().Has("password") || u.Query().Has("sslpassword")
}

// checkURL is the rule that set_callback has too, and a test of package server
// keeps the two the same. Spec: callbacks, rules on the configured URL.
func checkURL(s string) string {
	const use = "use one such as https://www.example.com/callback"
	if len(s) > maxURL {
		return "is longer than 2048 bytes, the limit"
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable) {
		return "has a blank or another character that cannot be printed; write it percent-encoded, a blank as %20"
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "is not a URL; " + use
	case !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://"):
		return "must begin with http:// or https://; " + use
	case !urlHost(u) || !validPort(u.Port(), 1):
		return "has no valid host and port; " + use
	case strings.Contains(s, "#"):
		return "must not have a fragment (#); remove it"
	}
	return ""
}

func unprintable(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }

// urlHost tells whether a URL has a host that can be called. Only what stands
// in brackets may have other characters: it is an address.
func urlHost(u *url.URL) bool {
	host := u.Hostname()
	if host == "" || host == "." || len(host) > maxHost {
		return false
	}
	return strings.HasPrefix(u.Host, "[") || !strings.ContainsFunc(host, func(r rune) bool { return !hostLetter(r) && r != '_' })
}

func checkKey(s string) string {
	switch {
	case s == "":
		return "is empty; copy the secret key of the SDKAppID, or make one of 64 random characters"
	case len(s) > maxKey:
		return "is longer than 256 characters, the limit"
	case !graphic(s):
		return "has a blank, a line end or a character outside ASCII; a key has none"
	}
	return ""
}

// repeated tells whether a text is one character again and again, as keys in
// samples and tests are.
func repeated(s string) bool {
	return s != "" && strings.Trim(s, s[:1]) == ""
}

func checkToken(s string) string {
	switch {
	case len(s) > maxToken*utf8.UTFMax || utf8.RuneCountInString(s) > maxToken:
		return "is longer than 128 characters, the limit"
	case strings.ContainsFunc(s, unicode.IsControl):
		return "has a control character; remove it"
	}
	return ""
}

func checkAppToken(s string) string {
	if len(s) < minAppToken || len(s) > maxAppToken || !graphic(s) {
		return "use 16 to 256 visible characters of ASCII; openssl rand -hex 32 makes such a token"
	}
	return ""
}

func checkAccount(s string) string {
	if s == "" || len(s) > maxAccount || strings.TrimSpace(s) != s || strings.ContainsFunc(s, unicode.IsControl) {
		return "use an identifier of 1 to 32 bytes without blanks around it and without control characters"
	}
	return ""
}

func checkCommand(s string) string {
	if s == "" || len(s) > maxCommand || !graphic(s) {
		return "use a callback command such as Live.CallbackAfterModifyAdmin"
	}
	return ""
}

// graphic tells whether a text is visible ASCII only, without blanks.
func graphic(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
