package config

import (
	"net/netip"
	"slices"
	"strings"
)

// config reads the whole document. The fields of this file are the file
// format; callboard.example.yaml explains them.
func (l *loader) config(v value, cfg *Config) {
	l.section(v,
		field{"listen", func(v value) { l.listen(v, cfg) }},
		field{"database", func(v value) { l.database(v, &cfg.Database) }},
		field{"tls", func(v value) {
			l.standsAt(keyTLS, l.at(v))
			l.section(v,
				field{"certificate", l.into(&cfg.TLS.Certificate)},
				field{"key", l.into(&cfg.TLS.Key)})
		}},
		field{"egress", func(v value) {
			l.section(v,
				field{"allow", l.ranges(&cfg.Egress.Allow)},
				field{"deny", l.ranges(&cfg.Egress.Deny)})
		}},
		field{"memory", func(v value) { l.memory(v, &cfg.Memory) }},
		field{"retention", func(v value) { l.retention(v, &cfg.Retention) }},
		field{"apps", func(v value) {
			l.list(v, func(v value) { cfg.Apps = append(cfg.Apps, l.app(v)) })
		}},
	)
}

// database reads the database; its URL may hold a password.
func (l *loader) database(v value, dst *string) {
	s, ok := l.text(v)
	if !ok {
		return
	}
	if reason := checkDatabase(s.text); reason != "" {
		l.refuse(l.at(v), "%s", reason)
		return
	}
	if hasPassword(s.text) && !s.expanded {
		l.foundLiteral(l.at(v))
	}
	l.standsAt(keyDatabase, l.at(v))
	*dst = s.text
}

// listen reads the address to listen on.
func (l *loader) listen(v value, cfg *Config) {
	if s, ok := l.text(v); ok {
		l.useListen(l.at(v), s.text, s.shown, cfg)
		return
	}
	l.listenRefused = true
}

func (l *loader) ranges(dst *[]netip.Prefix) func(value) {
	return func(v value) {
		l.list(v, func(v value) {
			s, ok := l.text(v)
			if !ok {
				return
			}
			p, reason := parseRange(s.text)
			if reason != "" {
				l.refuse(l.at(v), "%s is not allowed; %s", s.shown, reason)
				return
			}
			*dst = append(*dst, p)
		})
	}
}

// app reads the section of one App.
func (l *loader) app(v value) App {
	app := App{
		Administrators: []string{DefaultAdministrator}, Delivery: defaultDelivery(), Dissolve: Dissolve{Empty: DefaultDissolveEmpty},
		Limits: LimitsOff,
	}
	var dissolve value // read when it is known whether the App is in production
	var key keys
	var noURL place // the callback section, if it has none
	l.standsAt(v.key, l.at(v))
	given, ok := l.section(v,
		field{"sdkappid", func(v value) { app.SDKAppID = l.sdkAppID(v) }},
		field{"key", func(v value) { l.literalKey(v, &key) }},
		field{"key_file", func(v value) { l.keyFile(v, &key) }},
		field{"administrators", func(v value) { app.Administrators = l.uniqueTexts(v, checkAccount) }},
		field{"tokens", func(v value) { l.tokens(v, &app) }},
		field{"production", l.flag(&app.Production)},
		field{"dissolve", func(v value) { dissolve = v }},
		field{"callback", func(v value) { app.Callback, noURL = l.callback(v) }},
		field{"delivery", func(v value) { l.delivery(v, &app.Delivery) }},
		field{"endpoints", func(v value) { app.Endpoints = l.endpoints(v) }},
		field{"limits", l.choice(&app.Limits, LimitsOff, LimitsDocumented)},
		field{"max_rooms", func(v value) {
			if n, ok := l.number(v, 0, maxRooms); ok {
				app.MaxRooms = int64(n)
			}
		}},
		field{"feed", func(v value) {
			l.section(v, field{"commands", func(v value) { app.FeedCommands = l.commands(v) }})
		}},
	)
	if ok {
		l.requireApp(l.at(v), given)
	}
	if given["dissolve"] {
		l.dissolve(dissolve, app.Production, &app.Dissolve)
	}
	if app.Delivery.Timeout == 0 {
		app.Delivery.Timeout = defaultTimeout(app.Delivery.Profile)
	}
	inheritDelivery(app.Endpoints, app.Delivery)
	if noURL.key != "" && len(app.Endpoints) == 0 {
		l.refuse(noURL, "has no url; add one, or remove the section to leave callbacks as REST sets them")
	}
	app.Key = key.secret
	return app
}

// callback reads where callbacks go, and gives its place if it has no URL.
func (l *loader) callback(v value) (c *Callback, noURL place) {
	c = &Callback{}
	given, ok := l.section(v,
		field{"url", func(v value) { l.callbackURL(v, &c.URL) }},
		field{"commands", func(v value) {
			c.Commands = l.commands(v)
		}},
		field{"token", func(v value) { l.token(v, &c.Token) }},
		field{"signing_secrets", func(v value) { c.SigningSecrets = l.signingSecrets(v) }},
		field{"tls", func(v value) { l.callbackTLS(v, &c.TLS) }},
	)
	if ok && !given["url"] {
		noURL = l.at(v)
	}
	l.warnUselessTLS(v, c.URL, c.TLS)
	if ok && !given["commands"] {
		l.warn(l.at(v), "has no commands, so no callback is sent; list them, or write commands: []")
	}
	return c, noURL
}

func (l *loader) warnUselessTLS(v value, url string, tls CallbackTLS) {
	if tls != (CallbackTLS{}) && strings.HasPrefix(url, "http://") {
		l.warn(l.at(v), "has tls, which does nothing while the url begins with http://")
	}
}

func (l *loader) callbackTLS(v value, dst *CallbackTLS) {
	l.standsAt(v.key, l.at(v))
	_, ok := l.section(v,
		field{"ca", l.into(&dst.CA)},
		field{"certificate", l.into(&dst.Certificate)},
		field{"key", l.into(&dst.Key)})
	if ok && (dst.Certificate == "") != (dst.Key == "") {
		l.refuse(l.at(v), pairMissing)
	}
}

func (l *loader) delivery(v value, dst *Delivery) {
	l.section(v,
		field{"profile", l.choice(&dst.Profile, ProfileDurable, ProfileCloud)},
		field{"answers", l.choice(&dst.Answers, AnswersLenient, AnswersStrict)},
		field{"timeout", l.duration(&dst.Timeout)},
		field{"concurrency", func(v value) {
			if n, ok := l.number(v, 1, MaxConcurrency); ok {
				dst.Concurrency = int(n)
			}
		}},
		field{"give_up_after", func(v value) { l.giveUpAfter(v, &dst.GiveUpAfter) }},
	)
}

// uniqueTexts reads a list of texts that a rule must accept, none twice. It
// is never nil: an empty list is not an absent one.
func (l *loader) uniqueTexts(v value, rule func(string) string) []string {
	all := []string{}
	seen := make(map[string]bool)
	l.list(v, func(v value) {
		s, ok := l.text(v)
		if !ok {
			return
		}
		reason := rule(s.text)
		switch {
		case reason != "":
			l.refuse(l.at(v), "%s is not allowed; %s", s.shown, reason)
		case seen[s.text]:
			l.refuse(l.at(v), "%s stands twice in the list; remove one", s.shown)
		default:
			seen[s.text] = true
			all = append(all, s.text)
		}
	})
	return slices.Clip(all)
}
