package live

import (
	"slices"
	"time"
)

// AddGift configures a gift for the first time. Spec: add_gift.
type AddGift struct{ Gift Gift }

// Name implements [Command].
func (AddGift) Name() string { return "add_gift" }

// Names implements [RoomCommand].
func (AddGift) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c AddGift) Check() error { return c.Gift.check() }

// Apply implements [RoomCommand]. A gift that is configured already and one too many are [InvalidParameter]: no code is documented.
func (c AddGift) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	next := catalog(s)
	if _, err := next.Gift(c.Gift.ID); err == nil {
		return Outcome{}, invalid("GiftId: there is a gift %q already; change it with edit_gift", c.Gift.ID)
	}
	if len(next.Gifts) >= MaxGifts {
		return Outcome{}, invalid("GiftId: there are %d gifts, the most that an App can have; delete one first", len(next.Gifts))
	}
	g := c.Gift
	g.CreateTime = now.Unix()
	next.Gifts = append(next.Gifts, g)
	return next.kept(Reply{}), nil
}

// EditGift changes what is given of a gift. Spec: edit_gift, which is known from a client only.
type EditGift struct {
	ID                   string
	IconURL, ResourceURL *string
	Coins, Level         *int64
	Extension            *string
	Text                 TextChange
}

// Name implements [Command].
func (EditGift) Name() string { return "edit_gift" }

// Names implements [RoomCommand].
func (EditGift) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c EditGift) Check() error {
	filled := Gift{ID: c.ID, Text: Text{Name: c.ID}} // a good name, where none is given
	c.apply(&filled)
	return filled.check()
}

// Apply implements [RoomCommand]; [GiftNotFound] when there is no such gift.
func (c EditGift) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	next := catalog(s)
	g, err := next.Gift(c.ID)
	if err != nil {
		return Outcome{}, err
	}
	c.apply(g)
	return next.kept(Reply{}), nil
}

func (c EditGift) apply(g *Gift) {
	set(&g.IconURL, c.IconURL)
	set(&g.ResourceURL, c.ResourceURL)
	set(&g.Coins, c.Coins)
	set(&g.Level, c.Level)
	set(&g.Extension, c.Extension)
	c.Text.apply(&g.Text)
}

// DeleteGift takes a gift away, out of its categories too; what was given stays counted. Spec: del_gift.
type DeleteGift struct{ ID string }

// Name implements [Command].
func (DeleteGift) Name() string { return "del_gift" }

// Names implements [RoomCommand].
func (DeleteGift) Names() Names { return Names{Parts: []PartID{CatalogPart()}} }

// Check implements [RoomCommand].
func (c DeleteGift) Check() error { return CheckGiftID(c.ID) }

// Apply implements [RoomCommand]; [GiftNotFound] when there is no such gift.
func (c DeleteGift) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	next := catalog(s)
	if _, err := next.Gift(c.ID); err != nil {
		return Outcome{}, err
	}
	next.Gifts = slices.DeleteFunc(next.Gifts, func(g Gift) bool { return g.ID == c.ID })
	for i := range next.Categories {
		next.Categories[i].remove([]string{c.ID})
	}
	return next.kept(Reply{}), nil
}

// check refuses what no gift can be, whatever others there are.
func (g *Gift) check() error {
	if err := CheckGiftID(g.ID); err != nil {
		return err
	}
	if err := checkName("DefaultName", g.Text.Name); err != nil {
		return err
	}
	for _, t := range []struct {
		field, text string
		limit       int
	}{
		{"IconUrl", g.IconURL, MaxGiftURL}, {"ResourceUrl", g.ResourceURL, MaxGiftURL}, {"DefaultDesc", g.Text.Desc, MaxGiftDesc},
	} {
		if err := checkLength(t.field, t.text, t.limit); err != nil {
			return err
		}
	}
	if g.Coins < 0 || g.Coins > MaxGiftCoins {
		return invalid("Coins is %d; 0 to %d are allowed", g.Coins, MaxGiftCoins)
	}
	if g.Level < 0 || g.Level > MaxGiftLevel {
		return invalid("Level is %d; 0 to %d are allowed", g.Level, MaxGiftLevel)
	}
	return checkExtension(g.Extension)
}
