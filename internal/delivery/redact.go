package delivery

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// answerStart is what of an answer's body is kept: nothing of one that both profiles accept, else its start, without
// what the App backend may have sent back of our secrets.
func answerStart(o policy.Outcome, body []byte, app *live.App) string {
	if o.Durable == eventlog.Delivered && o.Cloud == eventlog.Delivered {
		return ""
	}
	const look = 4 * eventlog.MaxAnswer // a secret that is cut off by the look is beyond what is kept
	text := strings.ToValidUTF8(string(body[:min(len(body), look)]), "")
	for _, secret := range secrets(app) {
		text = strings.ReplaceAll(text, secret, redacted)
	}
	text = signs(text)
	text = strings.ReplaceAll(text, "\x00", "")
	return strings.ToValidUTF8(text[:min(len(text), eventlog.MaxAnswer)], "")
}

const redacted = "[redacted]"

// secrets are the texts that an App backend is sent and nobody else may read, longest first: the token, and what stands
// in the user part and in the query of the callback URL.
func secrets(app *live.App) []string {
	var list []string
	add := func(texts ...string) {
		for _, t := range texts {
			if t != "" {
				list = append(list, t, url.QueryEscape(t), url.PathEscape(t))
			}
		}
	}
	if app.Token != nil {
		add(app.Token.Token)
	}
	if app.Callback != nil {
		if u, err := url.Parse(app.Callback.URL); err == nil {
			add(u.RawQuery)
			for _, values := range u.Query() {
				add(values...)
			}
			if u.User != nil {
				password, _ := u.User.Password()
				pair := u.User.Username() + ":" + password
				add(password, pair, base64.StdEncoding.EncodeToString([]byte(pair)))
			}
		}
	}
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(list)
}

// signs removes every Sign, which is good for a minute, by its form: 64 hex digits.
func signs(text string) string {
	const digits = 64
	run := 0
	for i := 0; i < len(text); i++ {
		if !isHex(text[i]) {
			run = 0
			continue
		}
		if run++; run == digits {
			start := i + 1 - digits
			text = text[:start] + redacted + text[i+1:]
			i, run = start+len(redacted)-1, 0
		}
	}
	return text
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }
