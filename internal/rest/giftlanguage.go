package rest

import (
	"context"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

func language(to *live.Language) field { return text("Language", maxWord, to).must() }

func setGiftLanguageFields(c *live.SetGiftLanguage) []field {
	return []field{
		giftID(&c.ID),
		language(&c.Language),
		optionalText("Name", live.MaxGiftName, &c.Text.Name),
		optionalText("Desc", live.MaxGiftDesc, &c.Text.Desc),
	}
}

func deleteGiftLanguageFields(c *live.DeleteGiftLanguage) []field {
	return []field{giftID(&c.ID), language(&c.Language)}
}

func setCategoryLanguageFields(c *live.SetCategoryLanguage) []field {
	return []field{
		categoryID(&c.ID),
		language(&c.Language),
		optionalText("CategoryName", live.MaxGiftName, &c.Text.Name),
		optionalText("CategoryDesc", live.MaxCategoryDesc, &c.Text.Desc),
	}
}

func deleteCategoryLanguageFields(c *live.DeleteCategoryLanguage) []field {
	return []field{categoryID(&c.ID), language(&c.Language)}
}

// inLanguage asks for the texts of a gift, or of a category, in a language.
type inLanguage struct {
	id       string
	language live.Language
}

func giftLanguageFields(q *inLanguage) []field {
	return []field{giftID(&q.id), language(&q.language)}
}

func getGiftLanguage(ctx context.Context, h *Handler, r *request, q inLanguage) (any, error) {
	if err := q.language.Check(); err != nil {
		return nil, err
	}
	g, err := h.gift(ctx, r, q.id)
	if err != nil {
		return nil, err
	}
	answer := liveapi.GiftText(g.Languages.In(q.language, g.Text))
	return beside{top: liveapi.GetGiftLanguageResponse{GiftInfo: answer}, response: liveapi.ConsoleGiftLanguage{Language: answer}}, nil
}

func categoryLanguageFields(q *inLanguage) []field {
	return []field{categoryID(&q.id), language(&q.language)}
}

func getCategoryLanguage(ctx context.Context, h *Handler, r *request, q inLanguage) (any, error) {
	if err := q.language.Check(); err != nil {
		return nil, err
	}
	c, err := h.category(ctx, r, q.id)
	if err != nil {
		return nil, err
	}
	t := c.Languages.In(q.language, c.Text)
	answer := liveapi.GiftCategoryText{CategoryName: t.Name, CategoryDesc: t.Desc}
	return beside{
		top:      liveapi.GetGiftCategoryLanguageResponse{CategoryInfo: answer},
		response: liveapi.ConsoleGiftCategoryLanguage{Language: answer},
	}, nil
}
