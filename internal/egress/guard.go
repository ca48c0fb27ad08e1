package egress

import (
	"fmt"
	"net/netip"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// GuardOptions says which addresses a [Guard] lets through. The zero value lets through public addresses only.
type GuardOptions struct {
	// Loopback says that the server listens on loopback only. Then everything but link-local addresses and the
	// metadata services of clouds is allowed by default, because whoever can reach the server can reach the rest too.
	Loopback bool
	// Allow lists addresses that are allowed although the defaults refuse them (config key egress.allow).
	Allow []netip.Prefix
	// Deny lists addresses that are always refused; it beats Allow (config key egress.deny).
	Deny []netip.Prefix
}

// Guard decides which addresses outgoing calls may reach: Deny beats Allow beats the defaults.
//
// An address that carries an IPv4 address (see [faces]) is judged by both: each must pass.
type Guard struct {
	loopback bool
	allow    []netip.Prefix
	deny     []netip.Prefix
	public   *ssrf.Guardian
}

// metadata are addresses at which clouds hand out credentials or settings to whoever asks and which are not link-local, so that
// no other default would stop them while listening on loopback (and the first not even elsewhere: it is "public").
var metadata = []netip.Addr{
	netip.MustParseAddr("168.63.129.16"),   // Azure, the machine's configuration
	netip.MustParseAddr("100.100.100.200"), // Alibaba Cloud
	netip.MustParseAddr("192.0.0.192"),     // Oracle Cloud, older machines
	netip.MustParseAddr("fd00:ec2::254"),   // AWS, IPv6
}

// NewGuard returns a Guard for o. Invalid prefixes in o are ignored: the config refuses them before.
func NewGuard(o GuardOptions) *Guard {
	return &Guard{
		loopback: o.Loopback,
		allow:    normalPrefixes(o.Allow),
		deny:     normalPrefixes(o.Deny),
		// NAT64's well-known prefix is how an IPv6-only host reaches IPv4; its embedded address is judged by faces.
		public: ssrf.New(ssrf.WithAnyPort(), ssrf.WithAnyNetwork(), ssrf.WithAllowedV6Prefixes(ssrf.IPv6NAT64Prefix)),
	}
}

// normalPrefixes writes prefixes inside ::ffff:0:0/96 as IPv4 prefixes, as the addresses to compare are written.
func normalPrefixes(prefixes []netip.Prefix) []netip.Prefix {
	normal := make([]netip.Prefix, 0, len(prefixes))
	for _, p := range prefixes {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		if p.IsValid() {
			normal = append(normal, p.Masked())
		}
	}
	return normal
}

// CheckAddr returns nil if addr may be reached and a *[RefusedError] otherwise. A zone is ignored.
func (g *Guard) CheckAddr(addr netip.Addr) error {
	if !addr.IsValid() {
		return &RefusedError{Reason: "no valid address"}
	}
	refused := &RefusedError{Addr: addr.Unmap().WithZone("")}
	for _, face := range faces(refused.Addr) {
		if p, found := find(g.deny, face); found {
			return &RefusedError{Addr: refused.Addr, Face: face, Reason: "is denied", Denied: p}
		}
		reason := g.objection(face)
		if reason == "" {
			continue
		}
		if refused.Reason == "" {
			refused.Face, refused.Reason = face, reason
		}
		refused.Add = append(refused.Add, netip.PrefixFrom(face, face.BitLen()))
	}
	if refused.Reason == "" {
		return nil
	}
	return refused
}

// objection says why an address that is not denied is refused, and is empty if it is not.
func (g *Guard) objection(face netip.Addr) string {
	if _, found := find(g.allow, face); found {
		return ""
	}
	switch {
	case face.IsLinkLocalUnicast():
		return "is a link-local address"
	case isMetadata(face):
		return "is the address of a cloud's metadata service"
	case g.loopback:
		return ""
	case g.public.SafeAddr(face) != nil:
		return "is not a public address"
	}
	return ""
}

func find(prefixes []netip.Prefix, addr netip.Addr) (netip.Prefix, bool) {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return p, true
		}
	}
	return netip.Prefix{}, false
}

func isMetadata(addr netip.Addr) bool {
	for _, m := range metadata {
		if m == addr {
			return true
		}
	}
	return false
}

// Control checks the resolved address of a connection that is about to be made. It is meant for the Control field of a
// [net.Dialer]. Networks other than TCP are refused. The error is a *[RefusedError].
func (g *Guard) Control(network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return &RefusedError{Reason: fmt.Sprintf("network %q is not TCP", network)}
	}
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return &RefusedError{Reason: "no valid address"}
	}
	return g.CheckAddr(target.Addr())
}

// RefusedError reports an address that the [Guard] refuses. Its text says which line of the config allows it.
type RefusedError struct {
	// Addr is the address that was asked for; invalid if there was none.
	Addr netip.Addr
	// Face is Addr, or the IPv4 address inside it that was refused.
	Face netip.Addr
	// Reason is a phrase that follows the address.
	Reason string
	// Denied is the entry of egress.deny that refused the address, if one did.
	Denied netip.Prefix
	// Add lists what egress.allow lacks for this address; empty if Denied is set.
	Add []netip.Prefix
}

// Error names the address, the reason, and the line of the config to change.
func (e *RefusedError) Error() string {
	if !e.Addr.IsValid() {
		return "outgoing call refused: " + e.Reason
	}
	what := e.Addr.String()
	if e.Face != e.Addr {
		what += " carries " + e.Face.String() + ", which"
	}
	if e.Denied.IsValid() {
		return fmt.Sprintf("%s %s; to allow it remove  %s  from  egress: {deny: [...]}  in the config", what, e.Reason, e.Denied)
	}
	entries := make([]string, len(e.Add))
	for i, p := range e.Add {
		entries[i] = p.String()
		if p.Addr().Is6() {
			entries[i] = `"` + entries[i] + `"` // a colon inside a YAML flow sequence
		}
	}
	return fmt.Sprintf("%s %s; to allow it add  egress: {allow: [%s]}  to the config", what, e.Reason, strings.Join(entries, ", "))
}
