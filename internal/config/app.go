package config

import (
	"errors"
	"io/fs"
	"math"
	"strings"

	"github.com/callboard/callboard/internal/live"
)

// Limits of secrets. Spec: callbacks, signed URL, for the token; real keys
// have 64 characters.
const (
	maxKey   = 256
	maxToken = live.MaxToken
)

// maxRooms limits max_rooms: the rooms of an App are counted when one is
// created.
const maxRooms = 1_000_000

const pairMissing = "certificate and key go together; give both or neither"

// keys is what key and key_file gave.
type keys struct {
	secret Secret
	given  bool
}

// keyPlace is a key and where it stands, for the rule that needs to know the
// listen address.
type keyPlace struct {
	at     place
	secret Secret
}

// sdkAppID reads an SDKAppID and refuses one that another section has.
func (l *loader) sdkAppID(v value) uint32 {
	n, ok := l.number(v, 1, math.MaxUint32)
	if !ok {
		return 0
	}
	id := uint32(n)
	if first, again := l.firstApp[id]; again {
		l.refuse(l.at(v), "%d stands twice; the first is on line %d", id, first)
		return id
	}
	if l.firstApp == nil {
		l.firstApp = make(map[uint32]int)
	}
	l.firstApp[id] = l.at(v).line
	return id
}

// requireApp refuses a section without what has no default.
func (l *loader) requireApp(at place, given map[string]bool) {
	if !given["sdkappid"] {
		l.refuse(at, "has no sdkappid; add one from 1 to %d", uint32(math.MaxUint32))
	}
	if !given["key"] && !given["key_file"] {
		l.refuse(at, "has neither key nor key_file; give exactly one of them")
	}
}

func (l *loader) literalKey(v value, dst *keys) {
	secret, ok := l.secret(v)
	l.useKey(l.at(v), secret, ok, dst)
}

// keyFile reads the key from a file, without the line end that editors and
// shells leave behind it.
func (l *loader) keyFile(v value, dst *keys) {
	s, ok := l.text(v)
	var secret Secret
	if ok {
		secret, ok = l.readKey(l.at(v), s.text)
	}
	l.useKey(l.at(v), secret, ok, dst)
}

func (l *loader) readKey(at place, path string) (Secret, bool) {
	const lineEnd = 2
	src, err := readFile(path, maxKey+lineEnd)
	if err != nil {
		// Without the path: a key put here by mistake would be printed.
		var cause *fs.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		l.refuse(at, "the file cannot be read: %v", err)
		return "", false
	}
	if src.truncated {
		l.refuse(at, "the file is too large for a key; %d characters is the limit", maxKey)
		return "", false
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(src.data), "\n"), "\r")
	l.warnReadable(src.mode, at)
	return Secret(text), true
}

// useKey takes a key, if it is the only one and can be one.
func (l *loader) useKey(at place, secret Secret, ok bool, dst *keys) {
	if dst.given {
		l.refuse(at, "key and key_file exclude each other; give exactly one of them")
		return
	}
	dst.given = true
	if !ok {
		return
	}
	if reason := checkKey(secret.Reveal()); reason != "" {
		l.refuse(at, "%s", reason)
		return
	}
	dst.secret = secret
	l.keysAt = append(l.keysAt, keyPlace{at: at, secret: secret})
}

// callbackURL reads a callback URL without ever repeating it: its user part
// and its query can hold secrets.
func (l *loader) callbackURL(v value, dst *string) {
	s, ok := l.text(v)
	if !ok {
		return
	}
	if reason := checkURL(s.text); reason != "" {
		l.refuse(l.at(v), "%s", reason)
		return
	}
	l.standsAt(v.key, l.at(v))
	*dst = s.text
}

func (l *loader) token(v value, dst *Secret) {
	secret, ok := l.secret(v)
	if !ok {
		return
	}
	if reason := checkToken(secret.Reveal()); reason != "" {
		l.refuse(l.at(v), "%s", reason)
		return
	}
	*dst = secret
}

// commands reads the callback commands and warns about those that Live never
// sends.
func (l *loader) commands(v value) []string {
	all := l.uniqueTexts(v, checkCommand)
	if len(all) > maxCommands {
		l.refuse(l.at(v), "has %d commands; at most %d are allowed", len(all), maxCommands)
		return nil
	}
	l.warnCommands(v, all)
	return all
}

func (l *loader) warnCommands(v value, commands []string) {
	for _, c := range commands {
		if knownCommand(c) {
			continue
		}
		if near := nearCommand(c); near != "" {
			l.warn(l.at(v), "%s is no callback command of Live; did you mean %s?", quote(c), near)
			continue
		}
		l.warn(l.at(v), "%s is no callback command of Live; it is kept and never sent", quote(c))
	}
}
