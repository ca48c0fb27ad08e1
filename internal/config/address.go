package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Loopback tells whether a listen address can be reached from this machine
// only: localhost, 127.0.0.0/8 or ::1. An empty host, 0.0.0.0, :: and any
// other name are not loopback, nor is what is no host:port.
func Loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// checkListen gives the reason why an address cannot be listened on, or "".
func checkListen(listen string) string {
	const use = "use host:port with a port from 0 to 65535, such as 127.0.0.1:8080 or [::1]:8080"
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "" || !validPort(port, 0) || !validHost(host) {
		return use
	}
	return ""
}

// validPort accepts an empty port, which means the scheme's own, and decimal
// numbers without leading zeros.
func validPort(port string, low uint64) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n >= low && strconv.FormatUint(n, 10) == port
}

func validHost(host string) bool {
	if host == "" {
		return true
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return len(host) <= maxHost && !strings.ContainsFunc(host, func(r rune) bool { return !hostLetter(r) })
}

func hostLetter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.'
}

// parseRange reads a range of addresses; a reason is given if it is none.
// Forms that only seem to cover what they name are refused.
func parseRange(s string) (p netip.Prefix, reason string) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		return netip.Prefix{}, "use a range; a single address is " + netip.PrefixFrom(addr, addr.BitLen()).String()
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return netip.Prefix{}, "use a range such as 10.0.0.0/8 or fd00::/8"
	case p.Addr().Is4In6():
		return netip.Prefix{}, "write an IPv4 range as IPv4"
	case p != p.Masked():
		return netip.Prefix{}, "it has bits behind its length; use " + p.Masked().String()
	}
	return p, ""
}
