package delivery

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// withheld stands for an answer that repeats what only we and the App backend may know.
const withheld = "[withheld: the answer repeats a token or signing secret, or what stands in the callback URL]"

const (
	// look is how much of an answer is searched: what is kept, and the longest secret in its longest form behind it.
	look = eventlog.MaxAnswer + 6*live.MaxCallbackURL
	// fewSecrets bounds the search; a URL with more parameters than that has no answer kept at all.
	fewSecrets = 64
	// shortest is the length from which a value is worth hiding by itself: below, it would be found in any text.
	shortest = 4
)

// answerStart is what of an answer's body is kept: nothing of one that both profiles accept, else its start, or withheld.
func answerStart(o policy.Outcome, body []byte, to *live.Destination) string {
	if len(body) == 0 || o.Durable == eventlog.Delivered && o.Cloud == eventlog.Delivered {
		return ""
	}
	text := string(body[:min(len(body), look)])
	if repeats(text, to) {
		return withheld
	}
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	return strings.ToValidUTF8(text[:min(len(text), eventlog.MaxAnswer)], "")
}

// repeats tells whether a text holds a secret of the destination, as it is or in the usual escapes, or a Sign.
func repeats(text string, to *live.Destination) bool {
	list := secrets(to)
	if len(list) > fewSecrets {
		return true
	}
	unescaped := unescapeJSON(text)
	for _, form := range []string{text, unescaped, unescapePercent(text), unescapePercent(unescaped)} {
		if hasSign(form) {
			return true
		}
		for _, secret := range list {
			if strings.Contains(form, secret) {
				return true
			}
		}
	}
	return false
}

// secrets are the token, the signing secrets, and what stands in the user part and in the query of the URL.
func secrets(to *live.Destination) []string {
	var list []string
	add := func(text string) {
		if len(text) >= shortest {
			list = append(list, text)
		}
	}
	add(to.Token)
	for _, secret := range to.SigningSecrets {
		_, key, _ := strings.Cut(secret, "_") // it is as good without what stands before it
		add(key)
	}
	u, err := url.Parse(to.URL)
	if err != nil {
		return list
	}
	for piece := range strings.SplitSeq(u.RawQuery, "&") {
		_, value, _ := strings.Cut(piece, "=")
		add(piece)
		add(value)
		add(unescapePercent(value))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		pair := u.User.Username() + ":" + password
		add(password)
		add(pair)
		add(base64.StdEncoding.EncodeToString([]byte(pair)))
	}
	return list
}

// hasSign finds a Sign, which is good for a minute, by its form: 64 hex digits.
func hasSign(text string) bool {
	const digits = 64
	run := 0
	for i := range len(text) {
		c := text[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'f' {
			if run++; run == digits {
				return true
			}
			continue
		}
		run = 0
	}
	return false
}

// unescapePercent decodes %XX and '+' where they are, and leaves everything else.
func unescapePercent(text string) string {
	if !strings.ContainsAny(text, "%+") {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '+':
			b = append(b, ' ')
			continue
		case text[i] == '%' && i+2 < len(text):
			if n, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(n))
				i += 2
				continue
			}
		}
		b = append(b, text[i])
	}
	return string(b)
}

// unescapeJSON decodes \u with four hex digits, \/, \" and \\ where they are, and leaves everything else.
func unescapeJSON(text string) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b = append(b, text[i])
			continue
		}
		if text[i+1] == 'u' && i+5 < len(text) {
			if n, err := strconv.ParseUint(text[i+2:i+6], 16, 32); err == nil {
				b = append(b, string(rune(n))...)
				i += 5
				continue
			}
		}
		i++
		b = append(b, text[i])
	}
	return string(b)
}
