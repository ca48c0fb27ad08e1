package egress

import (
	"net/netip"
	"strconv"
	"strings"
)

// literal tells which addresses a host name stands for without asking a resolver: IP addresses in every form that a
// resolver of the system accepts, and localhost. A name yields none. host has no brackets.
func literal(host string) ([]netip.Addr, error) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if strings.Contains(host, ":") {
		addr, err := netip.ParseAddr(host)
		if err != nil {
			return nil, badURL("what stands in brackets is not an IPv6 address")
		}
		return []netip.Addr{addr}, nil
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, nil
	}
	if !endsInNumber(host) {
		return nil, nil
	}
	addr, ok := looseIPv4(host)
	if !ok {
		return nil, badURL("the host ends in a number but is not an IPv4 address")
	}
	return []netip.Addr{addr}, nil
}

// endsInNumber reports whether the last label is a number; no public name has such an end.
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if strings.HasPrefix(last, "0x") {
		return strings.Trim(last[2:], "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}

// looseIPv4 reads an IPv4 address as the C function inet_aton does: one to four parts, each decimal, octal (0…) or
// hexadecimal (0x…), the last filling all bytes that are left: 127.1, 0x7f000001, 2130706433, 0177.0.0.1.
func looseIPv4(host string) (netip.Addr, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var sum uint64
	for i, part := range parts {
		n, ok := loosePart(part)
		limit := uint64(1) << 8
		if i == len(parts)-1 {
			limit = 1 << (8 * (5 - len(parts)))
			sum <<= 8 * (5 - len(parts))
		} else {
			sum <<= 8
		}
		if !ok || n >= limit {
			return netip.Addr{}, false
		}
		sum |= n
	}
	return netip.AddrFrom4([4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}), true
}

func loosePart(part string) (uint64, bool) {
	base := 10
	switch {
	case part == "0x":
		return 0, true // some resolvers read it as zero
	case strings.HasPrefix(part, "0x"):
		base, part = 16, part[2:]
	case len(part) > 1 && part[0] == '0':
		base, part = 8, part[1:]
	}
	n, err := strconv.ParseUint(part, base, 64)
	return n, err == nil
}
