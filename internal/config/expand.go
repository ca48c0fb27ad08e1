package config

import (
	"errors"
	"fmt"
	"strings"
)

// maxExpanded bounds the text of all values with a dollar sign together: a
// file may name a long variable, or an alias, often.
const maxExpanded = 1 << 20

var (
	errDollar   = errors.New(`a "$" must be followed by "{NAME}" for an environment variable, or by "$" for a dollar sign`)
	errVariable = errors.New(`"${" must be followed by a name of letters, digits and "_", then "}"; write "$${" for the text itself`)
	errTooLong  = errors.New("the values with variables are too long; 1 MiB in all is the limit")
)

// expand replaces ${NAME} and $$ once: what a variable contains is not
// expanded again. It tells whether a variable was named. Its errors name
// variables and never repeat the text, which can be a secret.
func expand(text string, getenv func(string) string, limit int) (out string, expanded bool, err error) {
	if len(text) > limit {
		return "", false, errTooLong
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String(), expanded, nil
		}
		if strings.HasPrefix(after, "$") {
			b.WriteByte('$')
			text = after[1:]
			continue
		}
		name, rest, err := variable(after)
		if err != nil {
			return "", false, err
		}
		content := getenv(name)
		if content == "" {
			return "", false, fmt.Errorf("the environment variable %s is not set or empty", name)
		}
		if b.Len()+len(content)+len(rest) > limit {
			return "", false, errTooLong
		}
		b.WriteString(content)
		text, expanded = rest, true
	}
}

// variable splits what follows a dollar sign into the name and the rest.
func variable(after string) (name, rest string, err error) {
	after, braced := strings.CutPrefix(after, "{")
	if !braced {
		return "", "", errDollar
	}
	name, rest, closed := strings.Cut(after, "}")
	if !closed || !isName(name) {
		return "", "", errVariable
	}
	return name, rest, nil
}

func isName(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
