package operate

import (
	"net/url"
	"strconv"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// parseFilter reads the parameters of a page.
func parseFilter(query url.Values) (f Filter, err error) {
	f = Filter{
		Reader: query.Get("reader"), Lane: eventlog.Lane(query.Get("lane")), Command: query.Get("command"),
		State: State(query.Get("state")), Next: query.Get("next"),
	}
	p := parser{query: query}
	f.From, f.To, f.Limit = p.number("from", maxSeq), p.number("to", maxSeq), int(p.number("limit", MaxLimit))
	f.Since, f.Until = p.time("since"), p.time("until")
	f.Ascending = p.choice("order", "desc", "asc")
	f.Body = p.choice("body", "0", "1")
	return f, p.err
}

// parser reads parameters and keeps the first error. What is absent is zero.
type parser struct {
	query url.Values
	err   error
}

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *parser) number(name string, most int64) int64 {
	text := p.query.Get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > most {
		p.fail(badRequest("%s must be a number from 1 to %d", name, most))
	}
	return n
}

// time reads RFC 3339, or milliseconds since 1970 as events have them.
func (p *parser) time(name string) time.Time {
	text := p.query.Get(name)
	if text == "" {
		return time.Time{}
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms > 0 {
		return time.UnixMilli(ms)
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		p.fail(badRequest("%s must be a time such as 2026-03-01T14:00:00Z, or milliseconds since 1970", name))
	}
	return t
}

// choice tells whether a parameter is the second of two words; absent, it is the first.
func (p *parser) choice(name, first, second string) bool {
	switch p.query.Get(name) {
	case "", first:
		return false
	case second:
		return true
	}
	p.fail(badRequest("%s must be %s or %s", name, first, second))
	return false
}
