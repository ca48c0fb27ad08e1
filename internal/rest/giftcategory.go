package rest

import (
	"context"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// Spec: REST 6.2.
func addCategoryFields(c *live.AddGiftCategory) []field {
	return []field{
		categoryID(&c.ID),
		text("ExtensionInfo", live.MaxGiftExtension, &c.Extension),
		text("DefaultName", live.MaxGiftName, &c.Text.Name).must(),
		text("DefaultDesc", live.MaxCategoryDesc, &c.Text.Desc),
	}
}

func editCategoryFields(c *live.EditGiftCategory) []field {
	return []field{
		categoryID(&c.ID),
		optionalText("ExtensionInfo", live.MaxGiftExtension, &c.Extension),
		optionalText("DefaultName", live.MaxGiftName, &c.Text.Name),
		optionalText("DefaultDesc", live.MaxCategoryDesc, &c.Text.Desc),
	}
}

func deleteCategoryFields(c *live.DeleteGiftCategory) []field { return []field{categoryID(&c.ID)} }
func categoryFields(id *string) []field                       { return []field{categoryID(id)} }

func giftIDs(to *[]string) field {
	return texts("GiftIdList", live.MaxGiftsNamed, live.MaxGiftID, to).must()
}

func addRelationsFields(c *live.AddGiftRelations) []field {
	return []field{categoryID(&c.Category), giftIDs(&c.Gifts)}
}

func addRelationsAnswer(_ *Handler, _ *request, _ live.AddGiftRelations, out live.Outcome) any {
	return twice(liveapi.AddGiftCategoryRelationsResponse{InvalidGiftIDs: notNull(out.Reply.InvalidGifts)})
}

func deleteRelationsFields(c *live.DeleteGiftRelations) []field {
	return []field{categoryID(&c.Category), giftIDs(&c.Gifts)}
}

// category returns a category of the App; the error is a refusal when there is none.
func (h *Handler) category(ctx context.Context, r *request, id string) (*live.GiftCategory, error) {
	if err := live.CheckCategoryID(id); err != nil {
		return nil, err
	}
	catalog, err := h.catalog(ctx, r)
	if err != nil {
		return nil, err
	}
	return catalog.Category(id)
}

func getCategory(ctx context.Context, h *Handler, r *request, id string) (any, error) {
	c, err := h.category(ctx, r, id)
	if err != nil {
		return nil, err
	}
	info := liveapi.GiftCategoryInfo{
		CategoryID:    c.ID,
		ExtensionInfo: c.Extension,
		DefaultName:   c.Text.Name,
		DefaultDesc:   c.Text.Desc,
	}
	listed := listedCategory(c)
	return beside{
		top:      liveapi.GetGiftCategoryResponse{GiftCategoryInfo: info},
		response: liveapi.ConsoleGiftCategory{Category: listed, CategoryList: []liveapi.ListedGiftCategory{listed}},
	}, nil
}

func getRelations(ctx context.Context, h *Handler, r *request, id string) (any, error) {
	c, err := h.category(ctx, r, id)
	if err != nil {
		return nil, err
	}
	relation := liveapi.GiftRelation{CategoryID: c.ID, GiftIDList: notNull(c.Gifts)}
	return twice(liveapi.GetGiftCategoryRelationsResponse{Relation: relation}), nil
}

func listedCategory(c *live.GiftCategory) liveapi.ListedGiftCategory {
	listed := liveapi.ListedGiftCategory{
		CategoryID:   c.ID,
		CategoryName: c.Text.Name,
		CategoryDesc: c.Text.Desc,
		GiftIDList:   notNull(c.Gifts),
		LanguageList: []liveapi.GiftCategoryTextWithLanguage{},

		CategoryExtension: c.Extension,

		ExtensionInfo: c.Extension,
		DefaultName:   c.Text.Name,
		DefaultDesc:   c.Text.Desc,
	}
	c.Languages.Each(func(l live.Language, t live.Text) {
		listed.LanguageList = append(listed.LanguageList,
			liveapi.GiftCategoryTextWithLanguage{Language: string(l), CategoryName: t.Name, CategoryDesc: t.Desc})
	})
	return listed
}
