package live_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func entries(pairs ...string) []live.MetadataEntry {
	var list []live.MetadataEntry
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, live.MetadataEntry{Key: pairs[i], Value: pairs[i+1]})
	}
	return list
}

func setMetadata(pairs ...string) live.SetMetadata {
	return live.SetMetadata{Room: r1, Entries: entries(pairs...)}
}

func deleteMetadata(keys ...string) live.DeleteMetadata {
	return live.DeleteMetadata{Room: r1, Keys: keys}
}

func (s *shelf) metadata() []live.MetadataEntry {
	m, _ := s.parts[live.MetadataOf(r1)].(*live.Metadata)
	if m == nil {
		return nil
	}
	return m.Entries
}

func TestMetadataReportsWhatReallyChanged(t *testing.T) {
	s := newShelf(roomOf("admin"))
	steps := []struct {
		name    string
		command live.RoomCommand
		reports live.Change // nil: nothing
		has     []live.MetadataEntry
	}{
		{"the first", setMetadata("a", "1", "b", "2"), live.MetadataSet{Entries: entries("a", "1", "b", "2")}, entries("a", "1", "b", "2")},
		{"the same again", setMetadata("a", "1"), nil, entries("a", "1", "b", "2")},
		{"one of them anew", setMetadata("a", "1", "b", "3", "c", ""), live.MetadataSet{Entries: entries("b", "3", "c", "")}, entries("a", "1", "b", "3", "c", "")},
		{"twice in one call", setMetadata("d", "1", "a", "1", "d", "2"), live.MetadataSet{Entries: entries("d", "2")}, entries("a", "1", "b", "3", "c", "", "d", "2")},
		{"some are not there", deleteMetadata("x", "b", "b"), live.MetadataDeleted{Keys: []string{"b"}}, entries("a", "1", "c", "", "d", "2")},
		{"the rest", deleteMetadata("d", "c", "a"), live.MetadataDeleted{Keys: []string{"d", "c", "a"}}, nil},
	}
	for _, step := range steps {
		out := s.must(t, step.command)
		var want []live.Event
		if step.reports != nil {
			want = []live.Event{{Room: r1, Roles: &live.Roles{Owner: "owner", Administrators: []live.Account{"admin"}}, Change: step.reports}}
		}
		same(t, step.name+": events", out.Events, want)
		same(t, step.name+": metadata", s.metadata(), step.has)
		s.reopen(t)
	}
	if len(s.parts) != 0 {
		t.Errorf("parts of a room without metadata = %v, want none", s.parts)
	}
}

func TestMetadataLimits(t *testing.T) {
	ten := func(value string) []string {
		var pairs []string
		for i := range 10 {
			pairs = append(pairs, fmt.Sprint("k", i), value)
		}
		return pairs
	}
	kilobytes := strings.Repeat("v", live.MaxMetadataValue)
	cases := []struct {
		name    string
		before  []string
		command live.RoomCommand
		kind    live.Kind // 0: it is done
		says    string
	}{
		{"ten keys", nil, setMetadata(ten("")...), 0, ""},
		{"eleven in one call", nil, setMetadata(append(ten(""), "k10", "")...), live.TooManyKeys, "11 keys"},
		{"the eleventh", ten(""), setMetadata("k10", ""), live.TooManyKeys, "11 keys"},
		{"one of ten anew", ten(""), setMetadata("k9", "new"), 0, ""},
		{"the longest key", nil, setMetadata(strings.Repeat("k", 50), ""), 0, ""},
		{"a longer one", nil, setMetadata(strings.Repeat("k", 51), ""), live.KeyTooLong, "Metadata[0].Key"},
		{"a longer one to delete", nil, deleteMetadata(strings.Repeat("k", 51)), live.KeyTooLong, "Keys[0]"},
		{"an empty key", nil, setMetadata("a", "", "", ""), live.InvalidParameter, "Metadata[1].Key"},
		{"NUL in a key", nil, setMetadata("a\x00", ""), live.InvalidParameter, "Metadata[0].Key"},
		{"NUL in a value", nil, setMetadata("a", "\x00"), live.InvalidParameter, "Metadata[0].Value"},
		{"the longest value", nil, setMetadata("a", kilobytes), 0, ""},
		{"a longer one", nil, setMetadata("a", kilobytes+"v"), live.ValueTooLong, "Metadata[0].Value"},
		{"sixteen kilobytes", nil, setMetadata(ten(kilobytes)[:16]...), 0, ""},
		{"one byte more in one call", nil, setMetadata(append(ten(kilobytes)[:16], "x", "v")...), live.MetadataTooLarge, "16385"},
		{"one byte more", ten(kilobytes)[:16], setMetadata("x", "v"), live.MetadataTooLarge, "16385"},
		{"no entries", nil, setMetadata(), live.InvalidParameter, "Metadata"},
		{"no keys", nil, deleteMetadata(), live.InvalidParameter, "Keys"},
		{"none is there", []string{"a", "1"}, deleteMetadata("b", "c"), live.KeysNotFound, "Keys"},
		{"no metadata at all", nil, deleteMetadata("b"), live.KeysNotFound, "Keys"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf(roomOf())
			if c.before != nil {
				s.must(t, setMetadata(c.before...))
			}
			before := s.encoded(t)
			_, err := s.run(t, c.command)
			if c.kind == 0 {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			refused(t, err, c.kind, c.says)
			same(t, "parts after a refusal", s.encoded(t), before)
		})
	}
	for _, c := range []live.RoomCommand{setMetadata("a", ""), deleteMetadata("a")} {
		_, err := newShelf(nil).run(t, c)
		refused(t, err, live.RoomNotFound, "r1")
	}
}

func TestMetadataIsSelectedByKeys(t *testing.T) {
	m := &live.Metadata{Entries: entries("a", "1", "b", "2", "c", "3")}
	same(t, "no keys", m.Select(nil), m.Entries)
	same(t, "some", m.Select([]string{"c", "x", "a", "c"}), entries("a", "1", "c", "3"))
	none(t, "entries of another key", m.Select([]string{"x"}))
}
