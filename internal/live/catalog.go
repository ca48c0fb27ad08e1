package live

import (
	"encoding/json"
	"slices"
)

// Limits of the gifts of an App, lengths in bytes. Spec: REST 6, 6.1, 6.2; MaxGiftCoins, MaxGiftLevel and MaxGiftsNamed are chosen here.
const (
	MaxGifts          = 16
	MaxGiftCategories = 3
	MaxGiftID         = 20
	MaxGiftURL        = 200
	MaxGiftExtension  = 100
	MaxGiftName       = 20
	MaxGiftDesc       = 20
	MaxCategoryDesc   = 60
	MaxGiftCoins      = 1_000_000_000
	MaxGiftLevel      = 1_000_000
	// MaxGiftsNamed is the most gifts of one call about relations.
	MaxGiftsNamed = 100
)

// Language is one in which gifts have texts of their own.
type Language string

// Languages are the documented ones. Spec: REST 6.
var languages = []Language{"en", "zh-Hans", "zh-Hant"}

// Check refuses another language than the documented ones.
func (l Language) Check() error {
	if !slices.Contains(languages, l) {
		return invalid("Language is not known; use en, zh-Hans or zh-Hant")
	}
	return nil
}

// KindCatalog is the kind of [Catalog].
const KindCatalog PartKind = "catalog"

// Catalog is what an App's users can give: one part of the App itself. An App that never had a gift has none. Lists in it are replaced
// whole, never changed in place.
type Catalog struct {
	// Gifts are in the order in which they were added.
	Gifts      []Gift         `json:",omitempty"`
	Categories []GiftCategory `json:",omitempty"`
}

// Gift is one that can be given. Spec: REST 6.1.
type Gift struct {
	ID          string
	IconURL     string `json:",omitempty"`
	ResourceURL string `json:",omitempty"`
	// Coins is the price of one.
	Coins int64 `json:",omitempty"`
	Level int64 `json:",omitempty"`
	// Extension is JSON text of the App, or empty.
	Extension string `json:",omitempty"`
	Text      Text
	// CreateTime is in Unix seconds.
	CreateTime int64
	Languages  Texts `json:",omitempty"`
}

// GiftCategory is a group of gifts. Spec: REST 6.2.
type GiftCategory struct {
	ID        string
	Extension string `json:",omitempty"`
	Text      Text
	// Gifts are the ids of those in it, in the order in which they were put there.
	Gifts     []string `json:",omitempty"`
	Languages Texts    `json:",omitempty"`
}

// Text is how a gift or a category is called.
type Text struct {
	Name string
	Desc string `json:",omitempty"`
}

// Texts are those in languages, at most one for each.
type Texts map[Language]Text

// In returns the text in a language, the default one where there is none.
func (t Texts) In(l Language, otherwise Text) Text {
	if text, ok := t[l]; ok {
		return text
	}
	return otherwise
}

// Each visits the texts in the documented order of their languages.
func (t Texts) Each(visit func(Language, Text)) {
	for _, l := range languages {
		if text, ok := t[l]; ok {
			visit(l, text)
		}
	}
}

// Kind implements [Part].
func (*Catalog) Kind() PartKind { return KindCatalog }

// CatalogPart names the catalog of an App.
func CatalogPart() PartID { return PartID{Kind: KindCatalog} }

// catalog returns a copy of the catalog whose lists can be changed, empty when there is none yet.
func catalog(s State) *Catalog {
	c := part[*Catalog](s, CatalogPart())
	if c == nil {
		return &Catalog{}
	}
	return &Catalog{Gifts: slices.Clone(c.Gifts), Categories: slices.Clone(c.Categories)}
}

// kept is the outcome that keeps a catalog.
func (c *Catalog) kept(r Reply) Outcome {
	return Outcome{Parts: []PartChange{{ID: CatalogPart(), Part: c}}, Reply: r}
}

// Gift returns a gift; [GiftNotFound] when there is none of that id.
func (c *Catalog) Gift(id string) (*Gift, error) {
	if c != nil {
		for i := range c.Gifts {
			if c.Gifts[i].ID == id {
				return &c.Gifts[i], nil
			}
		}
	}
	return nil, Refuse(GiftNotFound, "GiftId: there is no gift %q; configure it with add_gift", id)
}

// Category returns a category; [InvalidParameter] when there is none of that id, as no code is documented for it.
func (c *Catalog) Category(id string) (*GiftCategory, error) {
	if c != nil {
		for i := range c.Categories {
			if c.Categories[i].ID == id {
				return &c.Categories[i], nil
			}
		}
	}
	return nil, invalid("CategoryId: there is no category %q; configure it with add_gift_category", id)
}

// CheckGiftID refuses what cannot name a gift.
func CheckGiftID(id string) error { return checkCatalogID("GiftId", id) }

// CheckCategoryID refuses what cannot name a category.
func CheckCategoryID(id string) error { return checkCatalogID("CategoryId", id) }

func checkCatalogID(field, id string) error {
	if id == "" {
		return invalid("%s is empty; it takes 1 to %d bytes", field, MaxGiftID)
	}
	return checkLength(field, id, MaxGiftID)
}

// checkName refuses a name that is empty or too long.
func checkName(field, name string) error {
	if name == "" {
		return invalid("%s is empty; it takes 1 to %d bytes", field, MaxGiftName)
	}
	return checkLength(field, name, MaxGiftName)
}

func checkExtension(text string) error {
	if err := checkLength("ExtensionInfo", text, MaxGiftExtension); err != nil {
		return err
	}
	if text != "" && !json.Valid([]byte(text)) {
		return invalid("ExtensionInfo is not JSON text")
	}
	return nil
}
