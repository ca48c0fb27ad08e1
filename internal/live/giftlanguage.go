package live

import (
	"maps"
	"time"
)

// TextChange has the texts that a call gives; nil: it stays.
type TextChange struct{ Name, Desc *string }

func (c TextChange) apply(t *Text) {
	set(&t.Name, c.Name)
	set(&t.Desc, c.Desc)
}

// check is for the fields of the names, Desc with a limit of its own.
func (c TextChange) check(name, desc string, limit int) error {
	if c.Name != nil {
		if err := checkName(name, *c.Name); err != nil {
			return err
		}
	}
	if c.Desc != nil {
		return checkLength(desc, *c.Desc, limit)
	}
	return nil
}

// in returns texts with the change in a language, which needs a name the first time.
func (c TextChange) in(texts Texts, l Language, name string) (Texts, error) {
	text, known := texts[l]
	if !known && c.Name == nil {
		return nil, invalid("%s is missing; it is needed the first time that %s is set", name, l)
	}
	c.apply(&text)
	next := Texts{}
	maps.Copy(next, texts)
	next[l] = text
	return next, nil
}

// without returns the texts without a language, nil when there are none left.
func (t Texts) without(l Language) Texts {
	var next Texts
	for other, text := range t {
		if other == l {
			continue
		}
		if next == nil {
			next = Texts{}
		}
		next[other] = text
	}
	return next
}

// SetGiftLanguage sets the texts of a gift in a language, those that are given. Spec: set_gift_language.
type SetGiftLanguage struct {
	ID       string
	Language Language
	Text     TextChange
}

// Name implements [Command].
func (SetGiftLanguage) Name() string { return "set_gift_language" }

// Names implements [RoomCommand].
func (SetGiftLanguage) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c SetGiftLanguage) Check() error {
	if err := CheckGiftID(c.ID); err != nil {
		return err
	}
	if err := c.Language.Check(); err != nil {
		return err
	}
	return c.Text.check("Name", "Desc", MaxGiftDesc)
}

// Apply implements [RoomCommand]; [GiftNotFound] when there is no such gift.
func (c SetGiftLanguage) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	next := catalog(s)
	g, err := next.Gift(c.ID)
	if err != nil {
		return Outcome{}, err
	}
	if g.Languages, err = c.Text.in(g.Languages, c.Language, "Name"); err != nil {
		return Outcome{}, err
	}
	return next.kept(Reply{}), nil
}

// DeleteGiftLanguage takes away the texts of a gift in a language. One that was never set is passed over. Spec: del_gift_language.
type DeleteGiftLanguage struct {
	ID       string
	Language Language
}

// Name implements [Command].
func (DeleteGiftLanguage) Name() string { return "del_gift_language" }

// Names implements [RoomCommand].
func (DeleteGiftLanguage) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c DeleteGiftLanguage) Check() error {
	if err := CheckGiftID(c.ID); err != nil {
		return err
	}
	return c.Language.Check()
}

// Apply implements [RoomCommand]; [GiftNotFound] when there is no such gift.
func (c DeleteGiftLanguage) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	next := catalog(s)
	g, err := next.Gift(c.ID)
	if err != nil {
		return Outcome{}, err
	}
	g.Languages = g.Languages.without(c.Language)
	return next.kept(Reply{}), nil
}

// SetCategoryLanguage sets the texts of a category in a language, those that are given. Spec: set_gift_category_language.
type SetCategoryLanguage struct {
	ID       string
	Language Language
	Text     TextChange
}

// Name implements [Command].
func (SetCategoryLanguage) Name() string { return "set_gift_category_language" }

// Names implements [RoomCommand].
func (SetCategoryLanguage) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c SetCategoryLanguage) Check() error {
	if err := CheckCategoryID(c.ID); err != nil {
		return err
	}
	if err := c.Language.Check(); err != nil {
		return err
	}
	return c.Text.check("CategoryName", "CategoryDesc", MaxCategoryDesc)
}

// Apply implements [RoomCommand].
func (c SetCategoryLanguage) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	next := catalog(s)
	category, err := next.Category(c.ID)
	if err != nil {
		return Outcome{}, err
	}
	if category.Languages, err = c.Text.in(category.Languages, c.Language, "CategoryName"); err != nil {
		return Outcome{}, err
	}
	return next.kept(Reply{}), nil
}

// DeleteCategoryLanguage takes away the texts of a category in a language. One that was never set is passed over.
// Spec: del_gift_category_language.
type DeleteCategoryLanguage struct {
	ID       string
	Language Language
}

// Name implements [Command].
func (DeleteCategoryLanguage) Name() string { return "del_gift_category_language" }

// Names implements [RoomCommand].
func (DeleteCategoryLanguage) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c DeleteCategoryLanguage) Check() error {
	if err := CheckCategoryID(c.ID); err != nil {
		return err
	}
	return c.Language.Check()
}

// Apply implements [RoomCommand].
func (c DeleteCategoryLanguage) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	next := catalog(s)
	category, err := next.Category(c.ID)
	if err != nil {
		return Outcome{}, err
	}
	category.Languages = category.Languages.without(c.Language)
	return next.kept(Reply{}), nil
}
