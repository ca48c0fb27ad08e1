package live

import (
	"fmt"
	"slices"
	"time"
)

// AddGiftCategory configures a category for the first time. Spec: add_gift_category.
type AddGiftCategory struct {
	ID, Extension string
	Text          Text
}

// Name implements [Command].
func (AddGiftCategory) Name() string { return "add_gift_category" }

// Names implements [RoomCommand].
func (AddGiftCategory) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c AddGiftCategory) Check() error {
	return EditGiftCategory{ID: c.ID, Extension: &c.Extension, Text: TextChange{&c.Text.Name, &c.Text.Desc}}.Check()
}

// Apply implements [RoomCommand]. A category that is configured already and one too many are [InvalidParameter], as with gifts.
func (c AddGiftCategory) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	next := catalog(s)
	if _, err := next.Category(c.ID); err == nil {
		return Outcome{}, invalid("CategoryId: there is a category %q already; change it with edit_gift_category", c.ID)
	}
	if len(next.Categories) >= MaxGiftCategories {
		return Outcome{}, invalid("CategoryId: there are %d categories, the most that an App can have; delete one first", len(next.Categories))
	}
	next.Categories = append(next.Categories, GiftCategory{ID: c.ID, Extension: c.Extension, Text: c.Text})
	return next.kept(Reply{}), nil
}

// EditGiftCategory changes what is given of a category. Spec: edit_gift_category, which is known from a client only.
type EditGiftCategory struct {
	ID        string
	Extension *string
	Text      TextChange
}

// Name implements [Command].
func (EditGiftCategory) Name() string { return "edit_gift_category" }

// Names implements [RoomCommand].
func (EditGiftCategory) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c EditGiftCategory) Check() error {
	if err := CheckCategoryID(c.ID); err != nil {
		return err
	}
	if c.Extension != nil {
		if err := checkExtension(*c.Extension); err != nil {
			return err
		}
	}
	return c.Text.check("DefaultName", "DefaultDesc", MaxCategoryDesc)
}

// Apply implements [RoomCommand].
func (c EditGiftCategory) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	next := catalog(s)
	category, err := next.Category(c.ID)
	if err != nil {
		return Outcome{}, err
	}
	set(&category.Extension, c.Extension)
	c.Text.apply(&category.Text)
	return next.kept(Reply{}), nil
}

// DeleteGiftCategory takes a category away; its gifts stay. Spec: del_gift_category.
type DeleteGiftCategory struct{ ID string }

// Name implements [Command].
func (DeleteGiftCategory) Name() string { return "del_gift_category" }

// Names implements [RoomCommand].
func (DeleteGiftCategory) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c DeleteGiftCategory) Check() error { return CheckCategoryID(c.ID) }

// Apply implements [RoomCommand].
func (c DeleteGiftCategory) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	next := catalog(s)
	if _, err := next.Category(c.ID); err != nil {
		return Outcome{}, err
	}
	next.Categories = slices.DeleteFunc(next.Categories, func(o GiftCategory) bool { return o.ID == c.ID })
	return next.kept(Reply{}), nil
}

// AddGiftRelations puts gifts into a category, beside those that are in it. Ids of no gift are told in [Reply].InvalidGifts and do not
// hinder the others. Spec: add_gift_category_relations.
type AddGiftRelations struct {
	Category string
	Gifts    []string
}

// Name implements [Command].
func (AddGiftRelations) Name() string { return "add_gift_category_relations" }

// Names implements [RoomCommand].
func (AddGiftRelations) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c AddGiftRelations) Check() error { return checkRelations(c.Category, c.Gifts) }

// Apply implements [RoomCommand].
func (c AddGiftRelations) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	next := catalog(s)
	category, err := next.Category(c.Category)
	if err != nil {
		return Outcome{}, err
	}
	in, unknown := slices.Clone(category.Gifts), []string(nil)
	for _, id := range c.Gifts {
		to := &in
		if _, err := next.Gift(id); err != nil {
			to = &unknown
		}
		if !slices.Contains(*to, id) {
			*to = append(*to, id)
		}
	}
	category.Gifts = in
	return next.kept(Reply{InvalidGifts: unknown}), nil
}

// DeleteGiftRelations takes gifts out of a category; those that are not in it are passed over. Spec: del_gift_category_relations.
type DeleteGiftRelations struct {
	Category string
	Gifts    []string
}

// Name implements [Command].
func (DeleteGiftRelations) Name() string { return "del_gift_category_relations" }

// Names implements [RoomCommand].
func (DeleteGiftRelations) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c DeleteGiftRelations) Check() error { return checkRelations(c.Category, c.Gifts) }

// Apply implements [RoomCommand].
func (c DeleteGiftRelations) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	next := catalog(s)
	category, err := next.Category(c.Category)
	if err != nil {
		return Outcome{}, err
	}
	category.remove(c.Gifts)
	return next.kept(Reply{}), nil
}

// remove takes gifts out of a category, whose list others may share.
func (c *GiftCategory) remove(gifts []string) {
	var left []string
	for _, id := range c.Gifts {
		if !slices.Contains(gifts, id) {
			left = append(left, id)
		}
	}
	c.Gifts = left
}

func checkRelations(category string, gifts []string) error {
	if err := CheckCategoryID(category); err != nil {
		return err
	}
	if n := len(gifts); n == 0 || n > MaxGiftsNamed {
		return invalid("GiftIdList has %d entries; it takes 1 to %d", n, MaxGiftsNamed)
	}
	for i, id := range gifts {
		if err := checkCatalogID(fmt.Sprintf("GiftIdList[%d]", i), id); err != nil {
			return err
		}
	}
	return nil
}
