package live_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

// known is the state of an App that knows one profile.
type known struct {
	given
	profile *live.Portrait
}

func (k known) Part(live.PartID) live.Part {
	if k.profile == nil {
		return nil
	}
	return k.profile
}

func nick(text string) live.ProfileItem { return live.ProfileItem{Tag: live.TagNick, Text: text} }
func level(n int64) live.ProfileItem {
	return live.ProfileItem{Tag: "Tag_Profile_IM_Level", Number: &n}
}

func profileOf(items ...live.ProfileItem) *live.Portrait { return &live.Portrait{Items: spare(items)} }

// Spec: accounts and clients 2, portrait_set and account_import.
func TestProfileKeepsWhatWasSetLast(t *testing.T) {
	image := live.ProfileItem{Tag: live.TagImage, Text: "https://f"}
	cases := []struct {
		name    string
		before  *live.Portrait
		command live.RoomCommand
		want    *live.Portrait // nil: nothing changes
	}{
		{"the first", nil, live.SetPortrait{Account: "a", Items: []live.ProfileItem{nick("n"), level(3)}}, profileOf(level(3), nick("n"))},
		{"another value", profileOf(nick("n")), live.SetPortrait{Account: "a", Items: []live.ProfileItem{nick("m")}}, profileOf(nick("m"))},
		{"another tag", profileOf(nick("n")), live.SetPortrait{Account: "a", Items: []live.ProfileItem{level(1)}}, profileOf(level(1), nick("n"))},
		{"a number for a text", profileOf(nick("7")), live.SetPortrait{Account: "a", Items: []live.ProfileItem{{Tag: live.TagNick, Number: new(int64(7))}}},
			profileOf(live.ProfileItem{Tag: live.TagNick, Number: new(int64(7))})},
		{"the same", profileOf(level(3), nick("n")), live.SetPortrait{Account: "a", Items: []live.ProfileItem{nick("n"), level(3)}}, nil},
		{"twice in one call", nil, live.SetPortrait{Account: "a", Items: []live.ProfileItem{nick("n"), nick("m")}}, profileOf(nick("m"))},
		{"import", nil, live.ImportAccount{Account: "a", Nick: new("n"), FaceURL: new("https://f")}, profileOf(image, nick("n"))},
		{"import of the id alone", nil, live.ImportAccount{Account: "a"}, profileOf()},
		{"import again leaves what it does not have", profileOf(image, nick("n")), live.ImportAccount{Account: "a", Nick: new("m")}, profileOf(image, nick("m"))},
		{"import of an id that is known", profileOf(nick("n")), live.ImportAccount{Account: "a"}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := deepCopy(c.before)
			if err := c.command.Check(); err != nil {
				t.Fatal(err)
			}
			out, err := c.command.Apply(known{profile: c.before}, byREST, noon)
			if err != nil {
				t.Fatal(err)
			}
			var want []live.PartChange
			if c.want != nil {
				want = []live.PartChange{{ID: live.PortraitOf("a"), Part: c.want}}
			}
			same(t, "parts", out.Parts, want)
			same(t, "the profile before", c.before, before)
		})
	}
}

func TestProfileIsBounded(t *testing.T) {
	var full []live.ProfileItem
	for i := range live.MaxPortraitItems {
		full = append(full, live.ProfileItem{Tag: fmt.Sprintf("Tag_%03d", i), Text: "x"})
	}
	set := func(items ...live.ProfileItem) live.RoomCommand { return live.SetPortrait{Account: "a", Items: items} }
	cases := []struct {
		name    string
		command live.RoomCommand
		says    string
	}{
		{"no entry", set(), "1 to 64"},
		{"an entry too many", set(append(full, nick("n"))...), "1 to 64"},
		{"a tag too many", set(nick("n")), "65 tags"},
		{"an empty tag", set(live.ProfileItem{Text: "x"}), "Tag is empty"},
		{"a tag too long", set(live.ProfileItem{Tag: strings.Repeat("t", live.MaxPortraitTag+1)}), "Tag"},
		{"a text too long", set(nick(strings.Repeat("n", live.MaxPortraitText+1))), "Value"},
		{"a name too long", live.ImportAccount{Account: "a", Nick: new(strings.Repeat("n", live.MaxPortraitText+1))}, "Nick"},
		{"a picture too long", live.ImportAccount{Account: "a", FaceURL: new(strings.Repeat("n", live.MaxPortraitText+1))}, "FaceUrl"},
		{"no account", live.ImportAccount{}, "UserID"},
		{"no account to set", live.SetPortrait{Items: full}, "From_Account"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := c.command.Check()
			if err == nil {
				_, err = c.command.Apply(known{profile: &live.Portrait{Items: full}}, byREST, noon)
			}
			refused(t, err, live.InvalidParameter, c.says)
		})
	}
}

func TestTextOfAProfile(t *testing.T) {
	p := profileOf(level(3), nick("n"))
	same(t, "a text", p.Text(live.TagNick), "n")
	same(t, "a number", p.Text("Tag_Profile_IM_Level"), "")
	same(t, "a tag that is not there", p.Text(live.TagImage), "")
	same(t, "of nobody", (*live.Portrait)(nil).Text(live.TagNick), "")
}
