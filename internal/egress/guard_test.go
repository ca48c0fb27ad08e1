package egress

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGuardAllowsOnlyPublicAddressesUnlessListeningOnLoopback(t *testing.T) {
	tests := []struct {
		addr             string
		public, loopback bool // allowed while listening on a public address, on loopback
	}{
		{"8.8.8.8", true, true},
		{"2606:4700:4700::1111", true, true},
		{"127.0.0.1", false, true},
		{"127.255.255.254", false, true},
		{"::1", false, true},
		{"0.0.0.0", false, true},
		{"::", false, true},
		{"10.1.2.3", false, true},
		{"172.16.0.1", false, true},
		{"172.32.0.1", true, true},
		{"192.168.1.1", false, true},
		{"100.64.0.1", false, true},
		{"192.0.2.1", false, true},
		{"198.18.0.1", false, true},
		{"198.51.100.1", false, true},
		{"203.0.113.1", false, true},
		{"224.0.0.1", false, true},
		{"240.0.0.1", false, true},
		{"255.255.255.255", false, true},
		{"fc00::1", false, true},
		{"fd12:3456::1", false, true},
		{"fec0::1", false, true},
		{"ff02::1", false, true},
		{"2001:db8::1", false, true},
		{"3fff::1", false, true},
		{"100::1", false, true},

		{"169.254.0.1", false, false},
		{"169.254.169.254", false, false},
		{"fe80::1", false, false},
		{"fe80::1%eth0", false, false},
		{"168.63.129.16", false, false},
		{"100.100.100.200", false, false},
		{"fd00:ec2::254", false, false},

		{"::ffff:8.8.8.8", true, true},
		{"::ffff:10.1.2.3", false, true},
		{"::ffff:169.254.169.254", false, false},
		{"::8.8.8.8", false, true},
		{"::169.254.169.254", false, false},
		{"::ffff:0:169.254.169.254", false, false},
		{"64:ff9b::8.8.8.8", true, true},
		{"64:ff9b::10.1.2.3", false, true},
		{"64:ff9b::127.0.0.1", false, true},
		{"64:ff9b::169.254.169.254", false, false},
		{"64:ff9b:1::8.8.8.8", false, true},
		{"64:ff9b:1::169.254.169.254", false, false},
		{"64:ff9b:1:a9fe:a9:fe00::", false, false},    // prefix of 48 bits
		{"64:ff9b:1:a9:fe:a9fe::", false, false},      // 56
		{"64:ff9b:1:0:a9:fea9:fe00:0", false, false},  // 64
		{"2002:808:808::1", false, true},              // 6to4 of 8.8.8.8
		{"2002:a9fe:a9fe::1", false, false},           // 6to4 of 169.254.169.254
		{"2001:0:a9fe:a9fe::f7f7:f7f7", false, false}, // Teredo server 169.254.169.254
		{"2001:0:808:808::5601:5601", false, false},   // Teredo client 169.254.169.254
		{"2001:0:808:808::f7f7:f7f7", false, true},    // Teredo, 8.8.8.8 twice
		{"2001:4860:4860::8888", true, true},          // not Teredo, though it begins alike
	}
	public, loopback := NewGuard(GuardOptions{}), NewGuard(GuardOptions{Loopback: true})
	for _, tt := range tests {
		t.Run(tt.addr, func(t *testing.T) {
			addr := netip.MustParseAddr(tt.addr)
			if err := public.CheckAddr(addr); (err == nil) != tt.public {
				t.Errorf("public: got %v, want allowed %v", err, tt.public)
			}
			if err := loopback.CheckAddr(addr); (err == nil) != tt.loopback {
				t.Errorf("loopback: got %v, want allowed %v", err, tt.loopback)
			}
		})
	}
}

func TestGuardDenyBeatsAllowBeatsDefaults(t *testing.T) {
	prefixes := func(all ...string) (list []netip.Prefix) {
		for _, p := range all {
			list = append(list, netip.MustParsePrefix(p))
		}
		return list
	}
	guard := NewGuard(GuardOptions{
		Allow: prefixes("10.0.0.0/8", "169.254.169.254/32", "fe80::/10", "2002::/16", "::ffff:192.168.1.0/120"),
		Deny:  prefixes("10.1.0.0/16", "8.8.8.0/24", "::ffff:9.9.9.0/120"),
	})
	tests := []struct {
		addr string
		want bool
	}{
		{"10.2.0.1", true},
		{"10.1.0.1", false},
		{"::ffff:10.1.0.1", false},
		{"64:ff9b::10.1.0.1", false},
		{"64:ff9b::10.2.0.1", true},
		{"8.8.8.8", false},
		{"8.8.4.4", true},
		{"9.9.9.9", false},
		{"169.254.169.254", true},
		{"169.254.1.1", false},
		{"fe80::1%eth0", true},
		{"192.168.1.7", true},
		{"192.168.2.7", false},
		{"2002:0a02:1::1", true},       // both allowed
		{"2002:c0a8:201::1", false},    // the outer one is allowed, 192.168.2.1 is not
		{"2002:808:808::1", false},     // 8.8.8.8 is denied
		{"64:ff9b:1::10.2.0.1", false}, // 10.2.0.1 is allowed, the outer one is not
	}
	for _, tt := range tests {
		if err := guard.CheckAddr(netip.MustParseAddr(tt.addr)); (err == nil) != tt.want {
			t.Errorf("CheckAddr(%s): got %v, want allowed %v", tt.addr, err, tt.want)
		}
	}
}

func TestRefusalSaysWhichConfigLineAllowsTheAddress(t *testing.T) {
	guard := NewGuard(GuardOptions{Deny: []netip.Prefix{netip.MustParsePrefix("8.8.8.0/24")}})
	tests := []struct{ addr, want string }{
		{"10.1.2.3", "10.1.2.3 is not a public address; to allow it add  egress: {allow: [10.1.2.3/32]}  to the config"},
		{"::ffff:10.1.2.3", "10.1.2.3 is not a public address; to allow it add  egress: {allow: [10.1.2.3/32]}  to the config"},
		{"::1", `::1 is not a public address; to allow it add  egress: {allow: ["::1/128"]}  to the config`},
		{"64:ff9b::10.1.2.3", "64:ff9b::a01:203 carries 10.1.2.3, which is not a public address; to allow it add  egress: {allow: [10.1.2.3/32]}  to the config"},
		{"2002:a01:203::1", `2002:a01:203::1 is not a public address; to allow it add  egress: {allow: ["2002:a01:203::1/128", 10.1.2.3/32]}  to the config`},
		{"8.8.8.8", "8.8.8.8 is denied; to allow it remove  8.8.8.0/24  from  egress: {deny: [...]}  in the config"},
	}
	for _, tt := range tests {
		err := guard.CheckAddr(netip.MustParseAddr(tt.addr))
		if err == nil {
			t.Errorf("CheckAddr(%s): got nil", tt.addr)
			continue
		}
		if diff := cmp.Diff(err.Error(), tt.want); diff != "" {
			t.Errorf("CheckAddr(%s) (-got +want):\n%s", tt.addr, diff)
		}
	}
}

func TestAllowingWhatARefusalNamesAllowsTheAddress(t *testing.T) {
	for _, text := range []string{"10.1.2.3", "::1", "fe80::1", "169.254.169.254", "2002:a01:203::1", "2001:0:a01:203::5601:5601", "64:ff9b:1:a9fe:a9:fe00::"} {
		addr := netip.MustParseAddr(text)
		var refused *RefusedError
		if err := NewGuard(GuardOptions{}).CheckAddr(addr); !errors.As(err, &refused) {
			t.Errorf("CheckAddr(%s): got %v, want a RefusedError", text, err)
			continue
		}
		if err := NewGuard(GuardOptions{Allow: refused.Add}).CheckAddr(addr); err != nil {
			t.Errorf("CheckAddr(%s) with %v allowed: got %v", text, refused.Add, err)
		}
	}
}

func TestControlRefusesWhatIsNotTCPToAnAllowedAddress(t *testing.T) {
	tests := []struct {
		network, address string
		want             bool
	}{
		{"tcp4", "8.8.8.8:443", true},
		{"tcp6", "[2606:4700:4700::1111]:443", true},
		{"tcp4", "127.0.0.1:443", false},
		{"tcp6", "[fe80::1%eth0]:80", false},
		{"tcp6", "[::ffff:127.0.0.1]:80", false},
		{"udp4", "8.8.8.8:53", false},
		{"unix", "/run/docker.sock", false},
		{"tcp4", "no address", false},
	}
	guard := NewGuard(GuardOptions{})
	for _, tt := range tests {
		err := guard.Control(tt.network, tt.address, nil)
		var refused *RefusedError
		if (err == nil) != tt.want || err != nil && !errors.As(err, &refused) {
			t.Errorf("Control(%s, %s): got %v, want allowed %v", tt.network, tt.address, err, tt.want)
		}
	}
}

// The dialler hands over what it resolved; this holds for each address it tries.
func TestControlFitsANetDialer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialer := net.Dialer{Control: NewGuard(GuardOptions{}).Control}
	_, err = dialer.Dial("tcp", listener.Addr().String())
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1 is not a public address") {
		t.Errorf("got %v, want a refusal", err)
	}
}
