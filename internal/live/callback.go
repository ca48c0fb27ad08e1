package live

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Limits of callback settings, in bytes, MaxToken in characters. Only MaxToken is documented; the others are chosen here.
// Spec: callbacks 4.1, 5.2.
const (
	MaxCallbackURL      = 2048
	MaxCallbackCommands = 200
	MaxCallbackCommand  = 128
	MaxToken            = 128

	maxHost = 253 // of a DNS name
)

// Callback is the callback configuration of an App. Spec: live_config/set_callback.
type Callback struct {
	// URL has the form that [Callback.Check] lets through. Empty, which only the config can make it: the commands are for
	// the endpoints.
	URL string
	// Commands are the command words that are switched on, as they were given: unknown words are kept.
	Commands []string
}

// Check refuses a callback configuration that cannot be used. It is the one rule for the form of a callback URL; which
// addresses may be called is for the guard of outgoing calls. No text repeats the URL, which may hold secrets.
func (c Callback) Check() error {
	if err := checkCallbackURL(c.URL); err != nil {
		return err
	}
	return c.checkCommands()
}

func (c Callback) checkCommands() error {
	if len(c.Commands) > MaxCallbackCommands {
		return invalid("CallbackCommandList has %d entries; at most %d are allowed", len(c.Commands), MaxCallbackCommands)
	}
	for i, word := range c.Commands {
		field := fmt.Sprintf("CallbackCommandList[%d]", i)
		if word == "" {
			return invalid("%s is empty", field)
		}
		if err := checkLength(field, word, MaxCallbackCommand); err != nil {
			return err
		}
	}
	return nil
}

func checkCallbackURL(raw string) error {
	if err := checkLength("Url", raw, MaxCallbackURL); err != nil {
		return err
	}
	if !strings.HasPrefix(raw, "http://") && !strings.HasPrefix(raw, "https://") {
		return invalid("Url must begin with http:// or https://")
	}
	if strings.ContainsFunc(raw, isUnprintable) {
		return invalid("Url has a blank or another character that cannot be printed; write it percent-encoded, a blank as %%20")
	}
	if strings.Contains(raw, "#") {
		return invalid("Url has a fragment (#), which is never sent; remove it")
	}
	u, err := url.Parse(raw)
	if err != nil { // its text would repeat the URL
		return invalid("Url is not a URL; use one such as https://www.example.com/callback")
	}
	return checkHost(u)
}

func isUnprintable(c rune) bool { return c == ' ' || !unicode.IsPrint(c) }

// checkHost refuses what a resolver would be asked for in other words than those that were checked.
func checkHost(u *url.URL) error {
	host := u.Hostname()
	if host == "" || host == "." {
		return invalid("Url has no host; use one such as https://www.example.com/callback")
	}
	if len(host) > maxHost {
		return invalid("Url has a host of %d bytes; at most %d are allowed", len(host), maxHost)
	}
	address := strings.HasPrefix(u.Host, "[")
	if !address && strings.ContainsFunc(host, isForeign) {
		return invalid("Url has a host with a character other than letters, digits, '.', '-' and '_' (an international name is written as xn--...)")
	}
	if port := u.Port(); port != "" {
		// In one way only, as the config has it.
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
			return invalid("Url has a port that is not a number from 1 to 65535")
		}
	}
	return nil
}

func isForeign(c rune) bool { return c >= 0x80 || !roomIDByte(byte(c)) && c != '.' }

func (c Callback) clone() *Callback {
	return &Callback{URL: c.URL, Commands: slices.Clone(c.Commands)}
}

func (c Callback) equal(o Callback) bool {
	return c.URL == o.URL && slices.Equal(c.Commands, o.Commands)
}
