package rest

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
	"github.com/callboard/callboard/liveapi"
)

// pair is an entry of a list of objects.
type pair struct {
	key string
	by  live.Account
	n   int64
}

func pairsField(to *[]pair) field {
	return objects("Pairs", 2, to, func(p *pair) []field {
		return []field{text("Key", 3, &p.key).must(), account("By_Account", &p.by), integer("N", 1, 9, &p.n)}
	}).must()
}

func TestObjectsOfAListAreReadEachIntoItsOwn(t *testing.T) {
	var got []pair
	body := `{"Pairs":[{"Key":"a","By_Account":"u","N":9},{"Other":[{}],"Key":"b","N":null}]}`
	if err := decode([]byte(body), []field{pairsField(&got)}); err != nil {
		t.Fatal(err)
	}
	want := []pair{{"a", "u", 9}, {key: "b"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(pair{})); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestBadObjectOfAListIsNamedWithItsPlace(t *testing.T) {
	cases := []struct {
		name, pairs string
		code        liveapi.Code
		text        string
	}{
		{"not a list", `{"Key":"a"}`, liveapi.CodeInvalidParameter, "Pairs is an object; it takes a list of objects"},
		{"no object", `[{"Key":"a"},"b"]`, liveapi.CodeInvalidParameter, "Pairs[1] is a string; it takes an object"},
		{"null", `[null]`, liveapi.CodeInvalidParameter, "Pairs[0] is null; it takes an object"},
		{"a list", `[[]]`, liveapi.CodeInvalidParameter, "Pairs[0] is a list; it takes an object"},
		{"a field is missing", `[{"Key":"a"},{"key":"b"}]`, liveapi.CodeInvalidParameter, "Pairs[1].Key is missing"},
		{"a field is too long", `[{"Key":"abcd"}]`, liveapi.CodeInvalidParameter, "Pairs[0].Key has 4 bytes"},
		{"an account of the wrong type", `[{"Key":"a","By_Account":1}]`, liveapi.CodeWrongAccountType, "Pairs[0].By_Account"},
		{"too many", `[{"Key":"a"},{"Key":"b"},{"Key":"c"}]`, liveapi.CodeInvalidParameter, "Pairs has more than 2 entries"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []pair
			err := decode([]byte(`{"Pairs":`+c.pairs+`}`), []field{pairsField(&got)})
			var refusal *live.Error
			if !errors.As(err, &refusal) {
				t.Fatalf("got %v, want a refusal", err)
			}
			if code := wire.Code(refusal.Kind); code != c.code || !strings.Contains(refusal.Info, c.text) {
				t.Errorf("got %d %q, want %d with %q", code, refusal.Info, c.code, c.text)
			}
		})
	}
}
