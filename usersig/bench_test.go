package usersig_test

import (
	"strings"
	"testing"

	"github.com/callboard/callboard/usersig"
)

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := usersig.New(testKey, testClaims()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	sig := mustNew(b, testKey, testClaims())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := usersig.Verify(sig, testKey, testApp, testName, testTime); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRefuseZipBomb is what the most expensive refusal of a flood costs.
func BenchmarkRefuseZipBomb(b *testing.B) {
	sig := seal(b, strings.Repeat(" ", 2<<20))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := usersig.Decode(sig); err == nil {
			b.Fatal("got no error, want one")
		}
	}
}
