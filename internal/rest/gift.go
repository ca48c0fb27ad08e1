package rest

import (
	"context"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// twice is a payload that stands at the top level of the answer, as the page has it, and under Response, where the vendor's console
// reads it. Spec: REST 6.
func twice(payload any) beside { return beside{top: payload, response: payload} }

func giftID(to *string) field     { return text("GiftId", live.MaxGiftID, to).must() }
func categoryID(to *string) field { return text("CategoryId", live.MaxGiftID, to).must() }

// Spec: REST 6.1.
func addGiftFields(c *live.AddGift) []field {
	g := &c.Gift
	return []field{
		giftID(&g.ID),
		text("IconUrl", live.MaxGiftURL, &g.IconURL),
		text("ResourceUrl", live.MaxGiftURL, &g.ResourceURL),
		integer("Coins", 0, live.MaxGiftCoins, &g.Coins).must(),
		integer("Level", 0, live.MaxGiftLevel, &g.Level),
		text("ExtensionInfo", live.MaxGiftExtension, &g.Extension),
		text("DefaultName", live.MaxGiftName, &g.Text.Name).must(),
		text("DefaultDesc", live.MaxGiftDesc, &g.Text.Desc),
	}
}

func editGiftFields(c *live.EditGift) []field {
	return []field{
		giftID(&c.ID),
		optionalText("IconUrl", live.MaxGiftURL, &c.IconURL),
		optionalText("ResourceUrl", live.MaxGiftURL, &c.ResourceURL),
		optionalInteger("Coins", 0, live.MaxGiftCoins, &c.Coins),
		optionalInteger("Level", 0, live.MaxGiftLevel, &c.Level),
		optionalText("ExtensionInfo", live.MaxGiftExtension, &c.Extension),
		optionalText("DefaultName", live.MaxGiftName, &c.Text.Name),
		optionalText("DefaultDesc", live.MaxGiftDesc, &c.Text.Desc),
	}
}

func deleteGiftFields(c *live.DeleteGift) []field { return []field{giftID(&c.ID)} }
func giftFields(id *string) []field               { return []field{giftID(id)} }

// catalog returns the gifts of the App, nil when it never had any.
func (h *Handler) catalog(ctx context.Context, r *request) (*live.Catalog, error) {
	return readPart[*live.Catalog](ctx, h, r, live.CatalogPart())
}

// gift returns a gift of the App; the error is a refusal when there is none.
func (h *Handler) gift(ctx context.Context, r *request, id string) (*live.Gift, error) {
	if err := live.CheckGiftID(id); err != nil {
		return nil, err
	}
	catalog, err := h.catalog(ctx, r)
	if err != nil {
		return nil, err
	}
	return catalog.Gift(id)
}

func getGift(ctx context.Context, h *Handler, r *request, id string) (any, error) {
	g, err := h.gift(ctx, r, id)
	if err != nil {
		return nil, err
	}
	info := liveapi.GiftInfo{
		GiftID:        g.ID,
		IconURL:       g.IconURL,
		ResourceURL:   g.ResourceURL,
		Coins:         g.Coins,
		Level:         g.Level,
		ExtensionInfo: g.Extension,
		DefaultName:   g.Text.Name,
		DefaultDesc:   g.Text.Desc,
	}
	return twice(liveapi.GetGiftResponse{GiftInfo: info}), nil
}

// getGiftInfoList answers what the vendor's console expects; there is no page about it.
func getGiftInfoList(ctx context.Context, h *Handler, r *request, _ nothing) (any, error) {
	answer := liveapi.GetGiftInfoListResponse{GiftList: []liveapi.ListedGift{}, CategoryList: []liveapi.ListedGiftCategory{}}
	catalog, err := h.catalog(ctx, r)
	if err != nil || catalog == nil {
		return answer, err
	}
	for i := range catalog.Gifts {
		answer.GiftList = append(answer.GiftList, listedGift(&catalog.Gifts[i]))
	}
	for i := range catalog.Categories {
		answer.CategoryList = append(answer.CategoryList, listedCategory(&catalog.Categories[i]))
	}
	answer.TotalCount = int64(len(catalog.Gifts))
	return answer, nil
}

func listedGift(g *live.Gift) liveapi.ListedGift {
	listed := liveapi.ListedGift{
		GiftID:        g.ID,
		Name:          g.Text.Name,
		Desc:          g.Text.Desc,
		IconURL:       g.IconURL,
		ResourceURL:   g.ResourceURL,
		Coins:         g.Coins,
		Level:         g.Level,
		ExtensionInfo: g.Extension,
		CreateTime:    g.CreateTime,
		LanguageList:  []liveapi.GiftTextWithLanguage{},
	}
	g.Languages.Each(func(l live.Language, t live.Text) {
		listed.LanguageList = append(listed.LanguageList, liveapi.GiftTextWithLanguage{Language: string(l), Name: t.Name, Desc: t.Desc})
	})
	return listed
}
