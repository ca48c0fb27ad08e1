package liveapi

import "context"

// The languages of gifts and categories. Spec: REST 6.
const (
	LanguageEnglish            = "en"
	LanguageSimplifiedChinese  = "zh-Hans"
	LanguageTraditionalChinese = "zh-Hant"
)

// GiftText is how a gift is called in one language.
type GiftText struct {
	Name string `json:"Name"`
	Desc string `json:"Desc"`
}

// GiftTextWithLanguage is an entry of LanguageList of a gift.
type GiftTextWithLanguage struct {
	Language string `json:"Language"`
	Name     string `json:"Name"`
	Desc     string `json:"Desc"`
}

// SetGiftLanguageRequest is the body of set_gift_language: what is nil stays as it is. Spec: REST 6.
type SetGiftLanguageRequest struct {
	GiftID   string `json:"GiftId"`
	Language string `json:"Language"`
	// Name has 1 to 20 bytes and is needed the first time; Desc has at most 20.
	Name *string `json:"Name,omitempty"`
	Desc *string `json:"Desc,omitempty"`
}

// SetGiftLanguage sets the texts of a gift in a language.
func (c *Client) SetGiftLanguage(ctx context.Context, request SetGiftLanguageRequest) error {
	return c.call(ctx, ServiceLive, "set_gift_language", request, nil)
}

// GiftLanguageRequest is the body of get_gift_language and del_gift_language. Spec: REST 6.
type GiftLanguageRequest struct {
	GiftID   string `json:"GiftId"`
	Language string `json:"Language"`
}

// GetGiftLanguageResponse is the payload of get_gift_language, at the top level of the answer. Spec: REST 6.
type GetGiftLanguageResponse struct {
	GiftInfo GiftText `json:"GiftInfo"`
}

// ConsoleGiftLanguage is what the vendor's console reads under Response instead.
type ConsoleGiftLanguage struct {
	Language GiftText `json:"Language"`
}

// GetGiftLanguage returns the texts of a gift in a language, the default ones when they were never set.
func (c *Client) GetGiftLanguage(ctx context.Context, giftID, language string) (GiftText, error) {
	var answer GiftText
	request := GiftLanguageRequest{GiftID: giftID, Language: language}
	err := c.call(ctx, ServiceLive, "get_gift_language", request, top{"GiftInfo", &answer})
	return answer, err
}

// DelGiftLanguage deletes the texts of a gift in a language; it succeeds when there are none.
func (c *Client) DelGiftLanguage(ctx context.Context, giftID, language string) error {
	return c.call(ctx, ServiceLive, "del_gift_language", GiftLanguageRequest{GiftID: giftID, Language: language}, nil)
}

// GiftCategoryText is how a category is called in one language.
type GiftCategoryText struct {
	CategoryName string `json:"CategoryName"`
	CategoryDesc string `json:"CategoryDesc"`
}

// GiftCategoryTextWithLanguage is an entry of LanguageList of a category.
type GiftCategoryTextWithLanguage struct {
	Language     string `json:"Language"`
	CategoryName string `json:"CategoryName"`
	CategoryDesc string `json:"CategoryDesc"`
}

// SetGiftCategoryLanguageRequest is the body of set_gift_category_language: what is nil stays as it is. Spec: REST 6.
type SetGiftCategoryLanguageRequest struct {
	CategoryID string `json:"CategoryId"`
	Language   string `json:"Language"`
	// CategoryName has 1 to 20 bytes and is needed the first time; CategoryDesc has at most 60.
	CategoryName *string `json:"CategoryName,omitempty"`
	CategoryDesc *string `json:"CategoryDesc,omitempty"`
}

// SetGiftCategoryLanguage sets the texts of a category in a language.
func (c *Client) SetGiftCategoryLanguage(ctx context.Context, request SetGiftCategoryLanguageRequest) error {
	return c.call(ctx, ServiceLive, "set_gift_category_language", request, nil)
}

// GiftCategoryLanguageRequest is the body of get_gift_category_language and del_gift_category_language. Spec: REST 6.
type GiftCategoryLanguageRequest struct {
	CategoryID string `json:"CategoryId"`
	Language   string `json:"Language"`
}

// GetGiftCategoryLanguageResponse is the payload of get_gift_category_language, at the top level of the answer. Spec: REST 6.
type GetGiftCategoryLanguageResponse struct {
	CategoryInfo GiftCategoryText `json:"CategoryInfo"`
}

// ConsoleGiftCategoryLanguage is what the vendor's console reads under Response instead.
type ConsoleGiftCategoryLanguage struct {
	Language GiftCategoryText `json:"Language"`
}

// GetGiftCategoryLanguage returns the texts of a category in a language, the default ones when they were never set.
func (c *Client) GetGiftCategoryLanguage(ctx context.Context, categoryID, language string) (GiftCategoryText, error) {
	var answer GiftCategoryText
	request := GiftCategoryLanguageRequest{CategoryID: categoryID, Language: language}
	err := c.call(ctx, ServiceLive, "get_gift_category_language", request, top{"CategoryInfo", &answer})
	return answer, err
}

// DelGiftCategoryLanguage deletes the texts of a category in a language; it succeeds when there are none.
func (c *Client) DelGiftCategoryLanguage(ctx context.Context, categoryID, language string) error {
	request := GiftCategoryLanguageRequest{CategoryID: categoryID, Language: language}
	return c.call(ctx, ServiceLive, "del_gift_category_language", request, nil)
}
