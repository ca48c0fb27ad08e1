package config

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// scalar is a single value after expansion.
type scalar struct {
	text string
	// shown is the value as a message may repeat it: a variable by its name,
	// never by its content.
	shown string
	// expanded says that a variable is part of the text.
	expanded bool
	// quoted says that the file has it in quotes or as a block.
	quoted bool
	// tag is the type that YAML gives to the text as written.
	tag string
}

// scalar reads a single value; want names what belongs there.
func (l *loader) scalar(v value, want string) (scalar, bool) {
	v, ok := l.open(v)
	if !ok {
		return scalar{}, false
	}
	if v.node.Kind != yaml.ScalarNode {
		l.refuse(l.at(v), "must be %s, not a list or section", want)
		return scalar{}, false
	}
	const quotes = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	raw := v.node.Value
	s := scalar{text: raw, shown: quote(raw), quoted: v.node.Style&quotes != 0, tag: v.node.ShortTag()}
	if !strings.Contains(raw, "$") {
		return s, true // shared, not copied: aliases may repeat it
	}
	var err error
	if s.text, s.expanded, err = expand(raw, l.getenv, l.textLeft); err != nil {
		l.refuse(l.at(v), "%v", err)
		return scalar{}, false
	}
	l.textLeft -= len(s.text)
	if s.expanded {
		s.shown = "the value of " + s.shown
	}
	return s, true
}

// text reads a text. Numbers are taken as written, because a key or an
// identifier of digits only is still a text; true and false need quotes.
func (l *loader) text(v value) (scalar, bool) {
	s, ok := l.scalar(v, "a text")
	if ok && s.tag == "!!bool" && !s.expanded {
		l.refuse(l.at(v), "must be a text; put quotes around it")
		return scalar{}, false
	}
	return s, ok
}

// secret reads a text that no message repeats, and remembers the first one
// that stands in the file itself.
func (l *loader) secret(v value) (Secret, bool) {
	s, ok := l.text(v)
	if ok && s.text != "" && !s.expanded {
		l.foundLiteral(l.at(v))
	}
	return Secret(s.text), ok
}

func (l *loader) foundLiteral(at place) {
	if l.literal.key == "" {
		l.literal = at
	}
}

// into reads a text into its place in the configuration.
func (l *loader) into(dst *string) func(value) {
	return func(v value) {
		if s, ok := l.text(v); ok {
			*dst = s.text
		}
	}
}

// number reads a decimal whole number from low to high.
func (l *loader) number(v value, low, high uint64) (uint64, bool) {
	s, ok := l.scalar(v, "a whole number")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(s.text, 10, 64)
	canonical := err == nil && strconv.FormatUint(n, 10) == s.text
	if !canonical || n < low || n > high || (s.quoted && !s.expanded) {
		l.refuse(l.at(v), "%s is not allowed; use a whole number from %d to %d, without quotes", s.shown, low, high)
		return 0, false
	}
	return n, true
}

// flag reads true or false.
func (l *loader) flag(dst *bool) func(value) {
	return func(v value) {
		s, ok := l.scalar(v, "true or false")
		if !ok {
			return
		}
		if (s.text != "true" && s.text != "false") || (s.quoted && !s.expanded) {
			l.refuse(l.at(v), "%s is not allowed; use true or false, without quotes", s.shown)
			return
		}
		*dst = s.text == "true"
	}
}

// duration reads a duration above zero.
func (l *loader) duration(dst *time.Duration) func(value) {
	return func(v value) {
		s, ok := l.scalar(v, "a duration")
		if !ok {
			return
		}
		d, err := time.ParseDuration(s.text)
		if err != nil || d <= 0 {
			l.refuse(l.at(v), "%s is not allowed; use a duration above zero with its unit, such as 500ms, 5s or 24h", s.shown)
			return
		}
		*dst = d
	}
}

// durationWithin reads a duration from low to high, where high may be noLimit.
func (l *loader) durationWithin(dst *time.Duration, low, high time.Duration) func(value) {
	return l.durationOf(dst, low, high, false)
}

// durationOrNever reads a duration from low to high, or 0 for never.
func (l *loader) durationOrNever(dst *time.Duration, low, high time.Duration) func(value) {
	return l.durationOf(dst, low, high, true)
}

func (l *loader) durationOf(dst *time.Duration, low, high time.Duration, orNever bool) func(value) {
	return func(v value) {
		s, ok := l.scalar(v, "a duration")
		if !ok {
			return
		}
		d, err := time.ParseDuration(s.text)
		if err == nil && (d >= low && d <= high || orNever && d == 0) {
			*dst = d
			return
		}
		limits := "of at least " + short(low)
		if high != noLimit {
			limits = "from " + short(low) + " to " + short(high)
		}
		if orNever {
			limits += ", or 0,"
		}
		l.refuse(l.at(v), "%s is not allowed; use a duration %s with its unit (h, m or s), such as 24h", s.shown, limits)
	}
}

// choice reads one of the words allowed.
func (l *loader) choice(dst *string, allowed ...string) func(value) {
	return func(v value) {
		s, ok := l.scalar(v, "a word")
		if !ok {
			return
		}
		for _, word := range allowed {
			if s.text == word {
				*dst = word
				return
			}
		}
		l.refuse(l.at(v), "%s is not allowed; use %s", s.shown, sentence(allowed, "or"))
	}
}
