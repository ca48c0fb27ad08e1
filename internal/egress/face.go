package egress

import (
	"net/netip"
	"slices"
)

// Prefixes of IPv6 addresses that stand for an IPv4 address, with the document that defines each.
var (
	compatible   = netip.MustParsePrefix("::/96")           // RFC 4291, 2.5.5.1
	translated   = netip.MustParsePrefix("::ffff:0:0:0/96") // RFC 2765, 2.1
	nat64        = netip.MustParsePrefix("64:ff9b::/96")    // RFC 6052
	nat64Local   = netip.MustParsePrefix("64:ff9b:1::/48")  // RFC 8215
	teredo       = netip.MustParsePrefix("2001::/32")       // RFC 4380
	sixToFour    = netip.MustParsePrefix("2002::/16")       // RFC 3056
	thisNetwork4 = netip.MustParsePrefix("0.0.0.0/8")       // RFC 791: nobody's address
)

// faces returns addr and every IPv4 address that it carries: packets for it may end up at any of them.
// addr has no zone and is not IPv4-mapped (such an address is plain IPv4).
func faces(addr netip.Addr) []netip.Addr {
	all := []netip.Addr{addr}
	if addr.Is4() {
		return all
	}
	b := addr.As16()
	add := func(i, j, k, l int) {
		all = append(all, netip.AddrFrom4([4]byte{b[i], b[j], b[k], b[l]}))
	}
	switch {
	case compatible.Contains(addr):
		add(12, 13, 14, 15)
		if thisNetwork4.Contains(all[1]) { // ::, ::1 and their like are IPv6's own
			return all[:1]
		}
	case translated.Contains(addr), nat64.Contains(addr):
		add(12, 13, 14, 15)
	case nat64Local.Contains(addr):
		return append(all, localNAT64(b)...)
	case teredo.Contains(addr):
		add(4, 5, 6, 7) // its server
		for i := 12; i < 16; i++ {
			b[i] = ^b[i]
		}
		add(12, 13, 14, 15) // the client, which is written inverted
	case sixToFour.Contains(addr):
		add(2, 3, 4, 5)
	}
	return all
}

// localNAT64 returns the IPv4 addresses that b can stand for. The network chooses the length of its prefix, which the
// address does not tell, so each length that fits is read (RFC 6052, 2.2: byte 8 and what follows the address are zero).
func localNAT64(b [16]byte) []netip.Addr {
	layouts := []struct {
		at   [4]int // where the address stands
		rest int    // from here on all is zero
	}{
		{at: [4]int{6, 7, 9, 10}, rest: 11},   // a prefix of 48 bits
		{at: [4]int{7, 9, 10, 11}, rest: 12},  // 56
		{at: [4]int{9, 10, 11, 12}, rest: 13}, // 64
	}
	found := []netip.Addr{netip.AddrFrom4([4]byte(b[12:]))} // 96, where gateways do not look at byte 8
	for _, l := range layouts {
		if b[8] == 0 && isZero(b[l.rest:]) {
			found = append(found, netip.AddrFrom4([4]byte{b[l.at[0]], b[l.at[1]], b[l.at[2]], b[l.at[3]]}))
		}
	}
	// An address of 0.0.0.0/8 is the sign of a length that does not fit.
	return slices.DeleteFunc(found, thisNetwork4.Contains)
}

func isZero(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c != 0 })
}
