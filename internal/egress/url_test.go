package egress

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckURLRefusesMalformedURLs(t *testing.T) {
	tests := []struct{ name, url string }{
		{"empty", ""},
		{"no scheme", "app.example/callback"},
		{"other scheme", "ftp://app.example/"},
		{"file", "file:///etc/passwd"},
		{"no host", "http:///callback"},
		{"only a port", "http://:80/"},
		{"only a dot", "http://./"},
		{"opaque", "http:app.example"},
		{"blank in the path", "http://app.example/a b"},
		{"blank before", " http://app.example/"},
		{"newline", "http://app.example/\r\nX: 1"},
		{"delete character", "http://app.example/\x7f"},
		{"no-break space", "http://app.example/\u00a0"},
		{"direction mark", "http://app.example/\u202e"},
		{"invalid UTF-8", "http://app.example/\xff"},
		{"full-width digits", "http://１２７.0.0.1/"},
		{"international name", "http://bücher.example/"},
		{"backslash", `http://app.example\@127.0.0.1/`},
		{"strange character", "http://app!example/"},
		{"port 0", "http://app.example:0/"},
		{"port above 65535", "http://app.example:65536/"},
		{"port not a number", "http://app.example:http/"},
		{"number above an address", "http://4294967296/"},
		{"part above 255", "http://127.0.0.256/"},
		{"five parts", "http://1.2.3.4.5/"},
		{"broken octal", "http://08.0.0.1/"},
		{"broken IPv6", "http://[::1::]/"},
		{"too long", "http://app.example/" + strings.Repeat("a", MaxURL)},
		{"host too long", "http://" + strings.Repeat("a.", 130) + "example/"},
	}
	guard := NewGuard(GuardOptions{Loopback: true})
	for _, tt := range tests {
		if err := guard.CheckURL(tt.url); !errors.Is(err, ErrURL) {
			t.Errorf("%s: got %v, want ErrURL", tt.name, err)
		}
	}
}

func TestCheckURLJudgesAddressesInEveryForm(t *testing.T) {
	tests := []struct {
		host             string
		public, loopback bool
	}{
		{"app.example", true, true}, // a name is judged when it is dialled
		{"app_backend", true, true},
		{"user:secret@app.example:8443", true, true},
		{"8.8.8.8", true, true},
		{"134744072", true, true},
		{"127.0.0.1:9000", false, true},
		{"127.0.0.1.", false, true},
		{"localhost", false, true},
		{"LocalHost.:8080", false, true},
		{"app.localhost", false, true},
		{"2130706433", false, true},
		{"0x7f000001", false, true},
		{"0X7F.1", false, true},
		{"0177.0.0.01", false, true},
		{"127.1", false, true},
		{"127.0.1", false, true},
		{"0", false, true},
		{"10.1.2.3", false, true},
		{"[::1]:80", false, true},
		{"[::ffff:127.0.0.1]", false, true},
		{"[2606:4700:4700::1111]", true, true},
		{"169.254.169.254", false, false},
		{"2852039166", false, false},
		{"0xa9fea9fe", false, false},
		{"0xa9.0xfe.43518", false, false},
		{"0251.0376.0251.0376", false, false},
		{"169.16689662", false, false},
		{"169.254.43518", false, false},
		{"[fe80::1%25eth0]", false, false},
		{"[::ffff:169.254.169.254]", false, false},
		{"[::ffff:a9fe:a9fe]", false, false},
		{"[64:ff9b::a9fe:a9fe]", false, false},
		{"[2002:a9fe:a9fe::]", false, false},
	}
	public, loopback := NewGuard(GuardOptions{}), NewGuard(GuardOptions{Loopback: true})
	for _, tt := range tests {
		url := "http://" + tt.host + "/callback?token=secret"
		for _, mode := range []struct {
			name  string
			guard *Guard
			want  bool
		}{{"public", public, tt.public}, {"loopback", loopback, tt.loopback}} {
			err := mode.guard.CheckURL(url)
			var refused *RefusedError
			if (err == nil) != mode.want || err != nil && !errors.As(err, &refused) {
				t.Errorf("%s, %s: got %v, want allowed %v", tt.host, mode.name, err, mode.want)
			}
		}
	}
}

func TestLocalhostIsAllowedByEitherOfItsAddresses(t *testing.T) {
	for _, allow := range []string{"127.0.0.1/32", "::1/128"} {
		guard := NewGuard(GuardOptions{Allow: []netip.Prefix{netip.MustParsePrefix(allow)}})
		if err := guard.CheckURL("http://localhost/"); err != nil {
			t.Errorf("with %s allowed: got %v", allow, err)
		}
	}
}

func TestErrorsOfURLsDoNotRepeatThem(t *testing.T) {
	guard := NewGuard(GuardOptions{})
	for _, url := range []string{
		"http://me:SECRET@app.example:port/?token=SECRET", "gopher://app.example/?SECRET", "http://app.example/?SECRET=a b",
		"http://%zz/?SECRET", "http://10.1.2.3/?SECRET",
	} {
		if err := guard.CheckURL(url); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("CheckURL(%q): got %v, want an error without the secret", url, err)
		}
	}
}

func TestRedactURLKeepsOnlyWhereTo(t *testing.T) {
	tests := []struct{ url, want string }{
		{"https://me:pass@app.example:8443/a%2Fb?Sign=1&x#y", "https://app.example:8443/a%2Fb"},
		{"http://[::1]:80", "http://[::1]:80"},
		{"http://app.example/%zz?secret", "(unreadable URL)"},
		{"secret", "(unreadable URL)"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(RedactURL(tt.url), tt.want); diff != "" {
			t.Errorf("RedactURL(%q) (-got +want):\n%s", tt.url, diff)
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{"http://127.0.0.1/", "https://[::1%25lo]:443/?a=b", "http://0x7f.1", "http://a.b.:80", "http://u:p@h/"} {
		f.Add(seed)
	}
	strict := NewGuard(GuardOptions{})
	f.Fuzz(func(t *testing.T, raw string) {
		if strict.CheckURL(raw) != nil {
			return
		}
		u, err := parseURL(raw)
		if err != nil {
			t.Fatalf("accepted, but does not parse: %v", err)
		}
		if addr, err := netip.ParseAddr(u.Hostname()); err == nil && strict.CheckAddr(addr) != nil {
			t.Errorf("accepted with the refused address %v", addr)
		}
		if strings.ContainsAny(raw, " \r\n\t\x00") {
			t.Errorf("accepted with a blank: %q", raw)
		}
	})
}
