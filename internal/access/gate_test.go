package access

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/usersig"
)

const (
	testApp   = live.AppID(1400000001)
	testAdmin = live.Account("administrator")
)

var testKey = strings.Repeat("0f", 32)

func sign(t testing.TB, c usersig.Claims) string {
	t.Helper()
	c.SDKAppID, c.Identifier = uint32(testApp), string(testAdmin)
	sig, err := usersig.New(testKey, c)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

func TestOnlyValidUserSigsAreRememberedAndNotMoreThanTheLimit(t *testing.T) {
	const most = 100
	g := NewGate(most, nil)
	app := &live.App{ID: testApp, Key: testKey}
	now := time.Now()
	for i := range 10 {
		q := Query{App: testApp, Identifier: testAdmin, UserSig: fmt.Sprintf("refused%d", i)}
		if g.verify(app, q, now) == nil {
			t.Fatal("a broken UserSig was accepted")
		}
	}
	if got := g.until.Len(); got != 0 {
		t.Errorf("%d refused UserSigs are remembered", got)
	}
	valid := sign(t, usersig.Claims{})
	for i := range most + 1 {
		g.until.Add(sigKeyOf(app, Query{UserSig: fmt.Sprint(i)}), now)
	}
	if err := g.verify(app, Query{App: testApp, Identifier: testAdmin, UserSig: valid}, now); err != nil {
		t.Fatal(err)
	}
	if got := g.until.Len(); got != most {
		t.Errorf("%d UserSigs are remembered, want %d", got, most)
	}
}

// Joining the parts of the key without their lengths would let one stand for another.
func TestRememberedUserSigsDoNotMixUp(t *testing.T) {
	one := sigKeyOf(&live.App{ID: 1, Key: "k"}, Query{Identifier: "ab", UserSig: "c"})
	for _, other := range []sigKey{
		sigKeyOf(&live.App{ID: 1, Key: "k"}, Query{Identifier: "a", UserSig: "bc"}),
		sigKeyOf(&live.App{ID: 1, Key: "ka"}, Query{Identifier: "b", UserSig: "c"}),
		sigKeyOf(&live.App{ID: 2, Key: "k"}, Query{Identifier: "ab", UserSig: "c"}),
	} {
		if one == other {
			t.Error("two different UserSigs have one key")
		}
	}
}

func BenchmarkAdmit(b *testing.B) {
	g := NewGate(0, nil)
	app := &live.App{ID: testApp, Key: testKey, Administrators: []live.Account{testAdmin}}
	q := Query{App: testApp, Identifier: testAdmin, UserSig: sign(b, usersig.Claims{})}
	b.ReportAllocs()
	for b.Loop() {
		if err := g.Admit(app, q); err != nil {
			b.Fatal(err)
		}
	}
}
