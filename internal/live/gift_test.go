package live_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func rose() live.Gift {
	return live.Gift{
		ID: "rose", IconURL: "https://x/1.png", ResourceURL: "https://x/2.svg", Coins: 10, Level: 1,
		Extension: `{"key":"value"}`, Text: live.Text{Name: "Rose", Desc: "red"},
	}
}

func giftNamed(id string) live.AddGift {
	return live.AddGift{Gift: live.Gift{ID: id, Text: live.Text{Name: id}}}
}

func category(id string) live.AddGiftCategory {
	return live.AddGiftCategory{ID: id, Text: live.Text{Name: id}}
}

func (s *shelf) catalog() *live.Catalog {
	c, _ := s.parts[live.CatalogPart()].(*live.Catalog)
	return c
}

func TestGiftIsConfiguredChangedAndDeleted(t *testing.T) {
	s := newShelf(nil)
	s.must(t, live.AddGift{Gift: rose()})
	want := rose()
	want.CreateTime = noon.Unix()
	same(t, "added", s.catalog().Gifts, []live.Gift{want})
	s.must(t, live.EditGift{ID: "rose", Coins: new(int64(20)), Text: live.TextChange{Desc: new("")}})
	want.Coins, want.Text.Desc = 20, ""
	same(t, "changed", s.catalog().Gifts, []live.Gift{want})
	s.must(t, live.EditGift{
		ID: "rose", IconURL: new("i"), ResourceURL: new("r"), Level: new(int64(2)), Extension: new("[]"),
		Text: live.TextChange{Name: new("Tulip")},
	})
	want.IconURL, want.ResourceURL, want.Level, want.Extension, want.Text.Name = "i", "r", 2, "[]", "Tulip"
	same(t, "changed again", s.catalog().Gifts, []live.Gift{want})
	s.reopen(t)
	s.must(t, live.DeleteGift{ID: "rose"})
	none(t, "gifts after one was deleted", s.catalog().Gifts)
}

func TestCategoryIsConfiguredChangedAndDeleted(t *testing.T) {
	s := newShelf(nil)
	s.must(t, live.AddGiftCategory{ID: "c", Extension: "1", Text: live.Text{Name: "Flowers", Desc: "d"}})
	s.must(t, live.EditGiftCategory{ID: "c", Extension: new(""), Text: live.TextChange{Name: new("Plants")}})
	same(t, "changed", s.catalog().Categories, []live.GiftCategory{{ID: "c", Text: live.Text{Name: "Plants", Desc: "d"}}})
	s.must(t, live.DeleteGiftCategory{ID: "c"})
	none(t, "categories after one was deleted", s.catalog().Categories)
}

func TestGiftsOfACategory(t *testing.T) {
	s := newShelf(nil)
	for _, id := range []string{"a", "b", "c"} {
		s.must(t, giftNamed(id))
	}
	s.must(t, category("x"))
	s.must(t, category("y"))
	add := func(ids ...string) []string {
		t.Helper()
		return s.must(t, live.AddGiftRelations{Category: "x", Gifts: ids}).Reply.InvalidGifts
	}
	in := func() []string {
		c, err := s.catalog().Category("x")
		if err != nil {
			t.Fatal(err)
		}
		return c.Gifts
	}
	same(t, "unknown ones", add("c", "none", "c", "none"), []string{"none"})
	none(t, "unknown ones", add("b", "a", "c"))
	same(t, "in the order of adding", in(), []string{"c", "b", "a"})
	s.must(t, live.AddGiftRelations{Category: "y", Gifts: []string{"c"}})
	s.must(t, live.DeleteGiftRelations{Category: "x", Gifts: []string{"b", "none"}})
	same(t, "without one", in(), []string{"c", "a"})
	s.must(t, live.DeleteGift{ID: "c"})
	same(t, "without a gift that is gone", in(), []string{"a"})
	none(t, "gifts of the other category", s.catalog().Categories[1].Gifts)
	s.reopen(t)
}

func TestTextsInLanguages(t *testing.T) {
	s := newShelf(nil)
	s.must(t, live.AddGift{Gift: rose()})
	s.must(t, live.AddGiftCategory{ID: "c", Text: live.Text{Name: "Flowers", Desc: "all"}})
	gift := func(l live.Language) live.Text {
		g, err := s.catalog().Gift("rose")
		if err != nil {
			t.Fatal(err)
		}
		return g.Languages.In(l, g.Text)
	}
	set := func(text live.TextChange) live.SetGiftLanguage {
		return live.SetGiftLanguage{ID: "rose", Language: "zh-Hans", Text: text}
	}
	same(t, "never set", gift("zh-Hans"), live.Text{Name: "Rose", Desc: "red"})
	_, err := s.run(t, set(live.TextChange{Desc: new("hong")}))
	refused(t, err, live.InvalidParameter, "Name is missing", "zh-Hans")
	s.must(t, set(live.TextChange{Name: new("meigui")}))
	same(t, "set", gift("zh-Hans"), live.Text{Name: "meigui"})
	s.must(t, set(live.TextChange{Desc: new("hong")}))
	same(t, "the rest of it", gift("zh-Hans"), live.Text{Name: "meigui", Desc: "hong"})
	same(t, "another language", gift("en"), live.Text{Name: "Rose", Desc: "red"})
	s.must(t, live.DeleteGiftLanguage{ID: "rose", Language: "en"})
	s.must(t, live.DeleteGiftLanguage{ID: "rose", Language: "zh-Hans"})
	same(t, "deleted", gift("zh-Hans"), live.Text{Name: "Rose", Desc: "red"})

	s.must(t, live.SetCategoryLanguage{ID: "c", Language: "en", Text: live.TextChange{Name: new("Blossoms"), Desc: new("b")}})
	s.must(t, live.SetCategoryLanguage{ID: "c", Language: "zh-Hant", Text: live.TextChange{Name: new("hua")}})
	var order []live.Language
	s.catalog().Categories[0].Languages.Each(func(l live.Language, _ live.Text) { order = append(order, l) })
	same(t, "languages in their order", order, []live.Language{"en", "zh-Hant"})
	s.reopen(t)
	s.must(t, live.DeleteCategoryLanguage{ID: "c", Language: "en"})
	same(t, "one language less", s.catalog().Categories[0].Languages, live.Texts{"zh-Hant": {Name: "hua"}})
}

func TestCatalogIsBounded(t *testing.T) {
	s := newShelf(nil)
	for i := range live.MaxGifts {
		s.must(t, giftNamed(fmt.Sprint("g", i)))
	}
	_, err := s.run(t, giftNamed("one more"))
	refused(t, err, live.InvalidParameter, "GiftId", "16 gifts")
	for i := range live.MaxGiftCategories {
		s.must(t, category(fmt.Sprint("c", i)))
	}
	_, err = s.run(t, category("one more"))
	refused(t, err, live.InvalidParameter, "CategoryId", "3 categories")
}

func TestRefusalsOfTheCatalog(t *testing.T) {
	long := func(n int) *string { return new(strings.Repeat("x", n+1)) }
	edit := func(change func(*live.EditGift)) live.EditGift {
		c := live.EditGift{ID: "rose"}
		change(&c)
		return c
	}
	cases := []struct {
		command live.RoomCommand
		kind    live.Kind
		says    string
	}{
		{giftNamed("rose"), live.InvalidParameter, "edit_gift"},
		{giftNamed(""), live.InvalidParameter, "GiftId"},
		{giftNamed(*long(20)), live.InvalidParameter, "GiftId"},
		{live.AddGift{Gift: live.Gift{ID: "x"}}, live.InvalidParameter, "DefaultName"},
		{edit(func(c *live.EditGift) { c.ID = "none" }), live.GiftNotFound, "none"},
		{edit(func(c *live.EditGift) { c.IconURL = long(200) }), live.InvalidParameter, "IconUrl"},
		{edit(func(c *live.EditGift) { c.ResourceURL = long(200) }), live.InvalidParameter, "ResourceUrl"},
		{edit(func(c *live.EditGift) { c.Text.Name = long(20) }), live.InvalidParameter, "DefaultName"},
		{edit(func(c *live.EditGift) { c.Text.Name = new("") }), live.InvalidParameter, "DefaultName"},
		{edit(func(c *live.EditGift) { c.Text.Desc = long(20) }), live.InvalidParameter, "DefaultDesc"},
		{edit(func(c *live.EditGift) { c.Extension = long(100) }), live.InvalidParameter, "ExtensionInfo"},
		{edit(func(c *live.EditGift) { c.Extension = new("{") }), live.InvalidParameter, "ExtensionInfo is not JSON"},
		{edit(func(c *live.EditGift) { c.Coins = new(int64(-1)) }), live.InvalidParameter, "Coins"},
		{edit(func(c *live.EditGift) { c.Coins = new(int64(live.MaxGiftCoins + 1)) }), live.InvalidParameter, "Coins"},
		{edit(func(c *live.EditGift) { c.Level = new(int64(-1)) }), live.InvalidParameter, "Level"},
		{live.DeleteGift{ID: "none"}, live.GiftNotFound, "none"},
		{live.DeleteGift{}, live.InvalidParameter, "GiftId"},
		{category("c"), live.InvalidParameter, "edit_gift_category"},
		{category(""), live.InvalidParameter, "CategoryId"},
		{live.AddGiftCategory{ID: "x"}, live.InvalidParameter, "DefaultName"},
		{live.AddGiftCategory{ID: "x", Text: live.Text{Name: "x", Desc: *long(60)}}, live.InvalidParameter, "DefaultDesc"},
		{live.EditGiftCategory{ID: "none"}, live.InvalidParameter, "none"},
		{live.EditGiftCategory{ID: "c", Extension: new("{")}, live.InvalidParameter, "ExtensionInfo"},
		{live.DeleteGiftCategory{ID: "none"}, live.InvalidParameter, "none"},
		{live.AddGiftRelations{Category: "none", Gifts: []string{"rose"}}, live.InvalidParameter, "none"},
		{live.AddGiftRelations{Category: "c"}, live.InvalidParameter, "GiftIdList"},
		{live.AddGiftRelations{Category: "c", Gifts: []string{"rose", ""}}, live.InvalidParameter, "GiftIdList[1]"},
		{live.AddGiftRelations{Category: "c", Gifts: make([]string, 101)}, live.InvalidParameter, "GiftIdList has 101"},
		{live.DeleteGiftRelations{Category: "none", Gifts: []string{"rose"}}, live.InvalidParameter, "none"},
		{live.DeleteGiftRelations{Category: "c"}, live.InvalidParameter, "GiftIdList"},
		{live.SetGiftLanguage{ID: "none", Language: "en", Text: live.TextChange{Name: new("n")}}, live.GiftNotFound, "none"},
		{live.SetGiftLanguage{ID: "rose", Language: "de", Text: live.TextChange{Name: new("n")}}, live.InvalidParameter, "Language"},
		{live.SetGiftLanguage{ID: "rose", Language: "en", Text: live.TextChange{Name: long(20)}}, live.InvalidParameter, "Name"},
		{live.SetGiftLanguage{ID: "rose", Language: "en", Text: live.TextChange{Name: new("n"), Desc: long(20)}}, live.InvalidParameter, "Desc"},
		{live.DeleteGiftLanguage{ID: "none", Language: "en"}, live.GiftNotFound, "none"},
		{live.DeleteGiftLanguage{ID: "rose", Language: "EN"}, live.InvalidParameter, "Language"},
		{live.SetCategoryLanguage{ID: "none", Language: "en", Text: live.TextChange{Name: new("n")}}, live.InvalidParameter, "none"},
		{live.SetCategoryLanguage{ID: "c", Language: "", Text: live.TextChange{Name: new("n")}}, live.InvalidParameter, "Language"},
		{live.SetCategoryLanguage{ID: "c", Language: "en"}, live.InvalidParameter, "CategoryName is missing"},
		{live.SetCategoryLanguage{ID: "c", Language: "en", Text: live.TextChange{Name: new("n"), Desc: long(60)}}, live.InvalidParameter, "CategoryDesc"},
		{live.DeleteCategoryLanguage{ID: "none", Language: "en"}, live.InvalidParameter, "none"},
		{live.DeleteCategoryLanguage{ID: "c", Language: "en-US"}, live.InvalidParameter, "Language"},
	}
	s := newShelf(nil)
	s.must(t, live.AddGift{Gift: rose()})
	s.must(t, category("c"))
	before := s.encoded(t)
	for i, c := range cases {
		t.Run(fmt.Sprint(i, " ", c.command.Name()), func(t *testing.T) {
			_, err := s.run(t, c.command)
			refused(t, err, c.kind, c.says)
		})
	}
	same(t, "catalog after all refusals", s.encoded(t), before)
}
