package config

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/callboard/callboard/internal/live"
)

// The length of a token that may be shown instead of a UserSig.
const (
	minAppToken = 16
	maxAppToken = 256
)

// What a token may do.
const (
	mayRead    = "read"
	mayOperate = "operate"
)

// tokens reads those that may be shown instead of a UserSig.
func (l *loader) tokens(v value, app *App) {
	var all, read []Secret
	l.list(v, func(v value) {
		secret, may, ok := l.appToken(v)
		switch {
		case !ok:
		case slices.Contains(all, secret) || slices.Contains(read, secret):
			l.refuse(l.at(v), "stands twice in the list; remove one")
		case may == mayRead:
			read = append(read, secret)
		default:
			all = append(all, secret)
		}
	})
	if n := len(all) + len(read); n > live.MaxTokens {
		l.refuse(l.at(v), "has %d tokens; at most %d are allowed", n, live.MaxTokens)
		return
	}
	app.Tokens, app.ReadTokens = slices.Clip(all), slices.Clip(read)
}

// appToken reads one token: a text alone, which may do everything, or a section that says what it may.
func (l *loader) appToken(v value) (secret Secret, may string, ok bool) {
	if !isSection(v) {
		secret, ok = l.appTokenText(v)
		return secret, mayOperate, ok
	}
	given, read := l.section(v,
		field{"token", func(v value) { secret, ok = l.appTokenText(v) }},
		field{"may", l.choice(&may, mayRead, mayOperate)},
	)
	if read && !given["token"] {
		l.refuse(l.at(v), "has no token; add one, or write the token alone instead of a section")
	}
	if read && !given["may"] {
		l.refuse(l.at(v), "has no may; add may: %s or may: %s", mayRead, mayOperate)
	}
	return secret, may, ok && may != ""
}

func (l *loader) appTokenText(v value) (Secret, bool) {
	secret, ok := l.secret(v)
	if !ok {
		return "", false
	}
	if reason := checkAppToken(secret.Reveal()); reason != "" {
		l.refuse(l.at(v), "%s", reason)
		return "", false
	}
	return secret, true
}

// isSection tells whether a value is a mapping, or an alias of one.
func isSection(v value) bool {
	n := v.node
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n.Kind == yaml.MappingNode
}
