package config

import (
	"slices"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// endpoints reads the further endpoints of an App.
func (l *loader) endpoints(v value) []Endpoint {
	var all []Endpoint
	names := make(map[string]int) // by the line
	l.list(v, func(v value) { all = append(all, l.endpoint(v, names)) })
	if len(all) > live.MaxEndpoints {
		l.refuse(l.at(v), "has %d endpoints; at most %d are allowed", len(all), live.MaxEndpoints)
		return nil
	}
	return all
}

func (l *loader) endpoint(v value, names map[string]int) Endpoint {
	var e Endpoint
	given, ok := l.section(v,
		field{"name", func(v value) { e.Name = l.endpointName(v, names) }},
		field{"url", func(v value) { l.callbackURL(v, &e.URL) }},
		field{"token", func(v value) { l.token(v, &e.Token) }},
		field{"signing_secrets", func(v value) { e.SigningSecrets = l.signingSecrets(v) }},
		field{"tls", func(v value) { l.callbackTLS(v, &e.TLS) }},
		field{"delivery", func(v value) { l.endpointDelivery(v, &e.Delivery) }},
	)
	for _, key := range []string{"name", "url"} {
		if ok && !given[key] {
			l.refuse(l.at(v), "has no %s; add one", key)
		}
	}
	l.warnUselessTLS(v, e.URL, e.TLS)
	return e
}

func (l *loader) endpointName(v value, names map[string]int) string {
	s, ok := l.text(v)
	if !ok {
		return ""
	}
	if !live.IsEndpointName(s.text) {
		l.refuse(l.at(v), "%s is not allowed; use 1 to %d of a-z, 0-9 and -, such as audit", s.shown, live.MaxEndpointName)
		return ""
	}
	if first, again := names[s.text]; again {
		l.refuse(l.at(v), "%s stands twice; the first is on line %d", s.shown, first)
		return ""
	}
	names[s.text] = l.at(v).line
	return s.text
}

// endpointDelivery reads a section of its own, which has the defaults of an
// App's: what the App's section says does not shine through.
func (l *loader) endpointDelivery(v value, dst *Delivery) {
	*dst = defaultDelivery()
	l.delivery(v, dst)
	if dst.Timeout == 0 {
		dst.Timeout = defaultTimeout(dst.Profile)
	}
}

// inheritDelivery fills in that of the App where an endpoint has none.
func inheritDelivery(endpoints []Endpoint, delivery Delivery) {
	for i := range endpoints {
		if endpoints[i].Delivery == (Delivery{}) {
			endpoints[i].Delivery = delivery
		}
	}
}

// signingSecrets reads the live secrets, the first of which signs first.
func (l *loader) signingSecrets(v value) []Secret {
	var all []Secret
	l.list(v, func(v value) {
		secret, ok := l.secret(v)
		if !ok {
			return
		}
		if _, err := callback.NewSigner(secret.Reveal()); err != nil {
			l.refuse(l.at(v), "is no signing secret, which is whsec_ and the base64 of 24 to 64 random bytes; "+
				"make one: echo whsec_$(openssl rand -base64 32)")
			return
		}
		if slices.Contains(all, secret) {
			l.refuse(l.at(v), "stands twice in the list; remove one")
			return
		}
		all = append(all, secret)
	})
	if len(all) > callback.MaxSigningSecrets {
		l.refuse(l.at(v), "has %d secrets; at most %d are live at one time: the new one and, while receivers change, the old one",
			len(all), callback.MaxSigningSecrets)
		return nil
	}
	return all
}
