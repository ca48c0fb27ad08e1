package config

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
)

// Fingerprint is the SHA-256, in 64 lower-case hexadecimal characters, of the
// section as applied: defaults filled in, variables expanded, the key itself
// wherever it came from. A section is applied again only when its fingerprint
// differs from that of the section applied last, so that in between the
// changes made by REST stand.
//
// It must stay the same from release to release: an upgrade must not undo
// those changes. A field added later is written only if it differs from its
// default. A fingerprint is made from secrets; keep it out of logs.
func (a App) Fingerprint() string {
	h := hasher{sha256.New()}
	h.text("sdkappid", strconv.FormatUint(uint64(a.SDKAppID), 10))
	h.text("key", a.Key.Reveal())
	h.list("administrators", a.Administrators)
	if len(a.Tokens) > 0 { // later than the first release
		h.secrets("tokens", a.Tokens)
	}
	if len(a.ReadTokens) > 0 { // later
		h.secrets("read_tokens", a.ReadTokens)
	}
	h.text("production", strconv.FormatBool(a.Production))
	if a.Callback != nil {
		h.callback(*a.Callback)
	}
	h.delivery(a.Delivery)
	if a.Dissolve != (Dissolve{Empty: DefaultDissolveEmpty}) { // later than the first release
		h.text("dissolve.empty", strconv.FormatInt(int64(a.Dissolve.Empty), 10))
		h.text("dissolve.owner_left", strconv.FormatInt(int64(a.Dissolve.OwnerLeft), 10))
	}
	for _, e := range a.Endpoints {
		h.endpoint(e)
	}
	if a.Limits != LimitsOff && a.Limits != "" { // as max_rooms, later than the first release
		h.text("limits", a.Limits)
	}
	if a.MaxRooms != 0 {
		h.text("max_rooms", strconv.FormatInt(a.MaxRooms, 10))
	}
	if len(a.FeedCommands) > 0 {
		h.list("feed.commands", a.FeedCommands)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hasher writes names and values so that no two sections give the same bytes:
// every text is preceded by its length, every list by its own.
type hasher struct{ hash.Hash }

func (h hasher) callback(c Callback) {
	h.text("callback.url", c.URL)
	h.list("callback.commands", c.Commands)
	h.text("callback.token", c.Token.Reveal())
	h.secrets("callback.signing_secrets", c.SigningSecrets)
	h.tls("callback.tls", c.TLS)
}

func (h hasher) endpoint(e Endpoint) {
	h.text("endpoint.name", e.Name)
	h.text("endpoint.url", e.URL)
	h.text("endpoint.token", e.Token.Reveal())
	h.secrets("endpoint.signing_secrets", e.SigningSecrets)
	h.tls("endpoint.tls", e.TLS)
	h.delivery(e.Delivery)
}

func (h hasher) delivery(d Delivery) {
	h.text("delivery.profile", d.Profile)
	h.text("delivery.answers", d.Answers)
	h.text("delivery.timeout", strconv.FormatInt(int64(d.Timeout), 10))
	h.text("delivery.give_up_after", strconv.FormatInt(int64(d.GiveUpAfter), 10))
	h.text("delivery.concurrency", strconv.Itoa(d.Concurrency))
}

func (h hasher) tls(name string, t CallbackTLS) {
	h.text(name+".ca", t.CA)
	h.text(name+".certificate", t.Certificate)
	h.text(name+".key", t.Key)
}

func (h hasher) secrets(name string, secrets []Secret) {
	all := make([]string, len(secrets))
	for i, s := range secrets {
		all[i] = s.Reveal()
	}
	h.list(name, all)
}

func (h hasher) text(name, text string) {
	h.write(name)
	h.write(text)
}

func (h hasher) list(name string, all []string) {
	h.write(name)
	h.write(strconv.Itoa(len(all)))
	for _, s := range all {
		h.write(s)
	}
}

// write ignores the error: a hash never gives one.
func (h hasher) write(s string) {
	_, _ = h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
}
