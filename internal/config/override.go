package config

import (
	"net/netip"
	"strings"
)

// The environment variables that beat the file. Ranges are separated by
// commas. Their values are taken as they are: nothing is expanded.
const (
	EnvListen         = "CALLBOARD_LISTEN"
	EnvDatabase       = "CALLBOARD_DATABASE"
	EnvTLSCertificate = "CALLBOARD_TLS_CERTIFICATE"
	EnvTLSKey         = "CALLBOARD_TLS_KEY"
	EnvEgressAllow    = "CALLBOARD_EGRESS_ALLOW"
	EnvEgressDeny     = "CALLBOARD_EGRESS_DENY"
	EnvMemory         = "CALLBOARD_MEMORY"
)

// override applies the environment, then the flags.
func (l *loader) override(cfg *Config, o Options) {
	l.overrideListen(EnvListen, o.Getenv(EnvListen), cfg)
	l.overrideDatabase(EnvDatabase, o.Getenv(EnvDatabase), cfg)
	l.overrideListen("--listen", o.Listen, cfg)
	l.overrideDatabase("--database", o.Database, cfg)
	l.overridePath(EnvTLSCertificate, &cfg.TLS.Certificate)
	l.overridePath(EnvTLSKey, &cfg.TLS.Key)
	l.overrideRanges(EnvEgressAllow, &cfg.Egress.Allow)
	l.overrideRanges(EnvEgressDeny, &cfg.Egress.Deny)
	l.overrideMemory(EnvMemory, &cfg.Memory)
}

func (l *loader) overrideListen(name, text string, cfg *Config) {
	if text != "" {
		l.useListen(place{key: name}, text, quote(text), cfg)
	}
}

// useListen takes a listen address from any source.
func (l *loader) useListen(at place, text, shown string, cfg *Config) {
	if reason := checkListen(text); reason != "" {
		l.refuse(at, "%s is not allowed; %s", shown, reason)
		l.listenRefused = true
		return
	}
	cfg.Listen = text
}

func (l *loader) overrideDatabase(name, text string, cfg *Config) {
	if text == "" {
		return
	}
	if reason := checkDatabase(text); reason != "" {
		l.refuse(place{key: name}, "%s", reason)
		return
	}
	l.standsAt(keyDatabase, place{key: name})
	cfg.Database = text
}

func (l *loader) overridePath(name string, dst *string) {
	if text := l.getenv(name); text != "" {
		*dst = text
		l.standsAt(keyTLS, place{key: name})
	}
}

// overrideRanges replaces the file's list: adding to it could never take a
// range away.
func (l *loader) overrideRanges(name string, dst *[]netip.Prefix) {
	text := l.getenv(name)
	if text == "" {
		return
	}
	if len(text) > MaxSize {
		l.refuse(place{key: name}, "is longer than 1 MiB, the limit")
		return
	}
	var all []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		p, reason := parseRange(part)
		if reason != "" {
			l.refuse(place{key: name}, "%s is not allowed; %s", quote(part), reason)
			continue
		}
		all = append(all, p)
	}
	*dst = all
}

func (l *loader) overrideMemory(name string, dst *int64) {
	if text := l.getenv(name); text != "" {
		l.useMemory(place{key: name}, text, quote(text), dst)
	}
}

// checkTogether holds the rules over several settings, once all are known.
func (l *loader) checkTogether(cfg Config) {
	if (cfg.TLS.Certificate == "") != (cfg.TLS.Key == "") {
		l.refuse(l.places[keyTLS], pairMissing)
	}
	if l.listenRefused || Loopback(cfg.Listen) {
		return // a refused address tells nothing about the one meant
	}
	for _, k := range l.keysAt {
		if repeated(k.secret.Reveal()) {
			l.refuse(k.at, "is one character repeated, which is allowed only while listening on loopback; "+
				"use a real key, or listen on 127.0.0.1")
		}
	}
}
