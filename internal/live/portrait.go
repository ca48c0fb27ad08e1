package live

import (
	"slices"
	"strings"
	"time"
)

// KindPortrait is the kind of [Portrait].
const KindPortrait PartKind = "profile"

// Limits of profiles, in bytes where they are of texts. They are not documented for Live and are chosen here.
const (
	MaxPortraitItems = 64
	MaxPortraitTag   = 100
	MaxPortraitText  = 500
)

// Tags that something here reads. Spec: accounts and clients, 2.
const (
	TagNick  = "Tag_Profile_IM_Nick"
	TagImage = "Tag_Profile_IM_Image"
)

// Portrait is what is known of an account beside its id. It is a part of the App itself; an account needs none.
type Portrait struct {
	// Items are sorted by their tags, each of which stands once.
	Items []ProfileItem
}

// ProfileItem is one value: a text, or a number.
type ProfileItem struct {
	Tag    string
	Text   string `json:",omitempty"`
	Number *int64 `json:",omitempty"`
}

// Kind implements [Part].
func (*Portrait) Kind() PartKind { return KindPortrait }

// PortraitOf names the profile of an account.
func PortraitOf(a Account) PartID { return PartID{Kind: KindPortrait, Key: string(a)} }

// Text returns the text of a tag, empty when there is none. p may be nil.
func (p *Portrait) Text(tag string) string {
	if p == nil {
		return ""
	}
	if i, found := slices.BinarySearchFunc(p.Items, tag, compareTag); found {
		return p.Items[i].Text
	}
	return ""
}

func compareTag(item ProfileItem, tag string) int { return strings.Compare(item.Tag, tag) }

func (i *ProfileItem) equal(o *ProfileItem) bool {
	if i.Number == nil || o.Number == nil {
		return i.Number == o.Number && i.Text == o.Text
	}
	return *i.Number == *o.Number
}

// SetPortrait sets values of a profile; tags that are not named stay. Spec: portrait_set.
type SetPortrait struct {
	Account Account
	Items   []ProfileItem
}

// Name implements [Command].
func (SetPortrait) Name() string { return "portrait_set" }

// Names implements [RoomCommand].
func (c SetPortrait) Names() Names { return Names{Parts: []PartID{PortraitOf(c.Account)}} }

// Check implements [RoomCommand].
func (c SetPortrait) Check() error {
	if err := c.Account.Check("From_Account"); err != nil {
		return err
	}
	if len(c.Items) == 0 || len(c.Items) > MaxPortraitItems {
		return invalid("ProfileItem has %d entries; 1 to %d are allowed", len(c.Items), MaxPortraitItems)
	}
	for i := range c.Items {
		if err := c.Items[i].check(); err != nil {
			return err
		}
	}
	return nil
}

func (i *ProfileItem) check() error {
	if err := CheckTag("Tag", i.Tag); err != nil {
		return err
	}
	return checkLength("Value", i.Text, MaxPortraitText)
}

// CheckTag refuses what cannot be a tag of a profile.
func CheckTag(field, tag string) error {
	if tag == "" {
		return invalid("%s is empty; a tag takes 1 to %d bytes", field, MaxPortraitTag)
	}
	return checkLength(field, tag, MaxPortraitTag)
}

// Apply implements [RoomCommand]. Of a tag that is named twice the last value counts.
func (c SetPortrait) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	id := PortraitOf(c.Account)
	before := part[*Portrait](s, id)
	next := &Portrait{}
	if before != nil {
		next.Items = slices.Clone(before.Items)
	}
	changed := before == nil
	for _, item := range c.Items {
		i, found := slices.BinarySearchFunc(next.Items, item.Tag, compareTag)
		switch {
		case !found:
			next.Items, changed = slices.Insert(next.Items, i, item), true
		case !next.Items[i].equal(&item):
			next.Items[i], changed = item, true
		}
	}
	if len(next.Items) > MaxPortraitItems {
		return Outcome{}, invalid("the profile would have %d tags; at most %d are allowed", len(next.Items), MaxPortraitItems)
	}
	if !changed {
		return Outcome{}, nil
	}
	return Outcome{Parts: []PartChange{{ID: id, Part: next}}}, nil
}

// ImportAccount makes a profile, with what is given of a name and a picture. An account need not be imported to be named by
// calls. Spec: account_import.
type ImportAccount struct {
	Account       Account
	Nick, FaceURL *string
}

// Name implements [Command].
func (ImportAccount) Name() string { return "account_import" }

// Names implements [RoomCommand].
func (c ImportAccount) Names() Names { return c.profile().Names() }

// Check implements [RoomCommand].
func (c ImportAccount) Check() error {
	if err := c.Account.Check("UserID"); err != nil {
		return err
	}
	if c.Nick != nil {
		if err := checkLength("Nick", *c.Nick, MaxPortraitText); err != nil {
			return err
		}
	}
	if c.FaceURL != nil {
		return checkLength("FaceUrl", *c.FaceURL, MaxPortraitText)
	}
	return nil
}

// Apply implements [RoomCommand].
func (c ImportAccount) Apply(s State, by Actor, now time.Time) (Outcome, error) {
	return c.profile().Apply(s, by, now)
}

func (c ImportAccount) profile() SetPortrait {
	set := SetPortrait{Account: c.Account}
	if c.Nick != nil {
		set.Items = append(set.Items, ProfileItem{Tag: TagNick, Text: *c.Nick})
	}
	if c.FaceURL != nil {
		set.Items = append(set.Items, ProfileItem{Tag: TagImage, Text: *c.FaceURL})
	}
	return set
}
