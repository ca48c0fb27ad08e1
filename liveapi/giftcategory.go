package liveapi

import "context"

// GiftCategory is the body of add_gift_category. Spec: REST 6.2.
type GiftCategory struct {
	// CategoryID has 1 to 20 bytes.
	CategoryID string `json:"CategoryId"`
	// ExtensionInfo is JSON text of at most 100 bytes.
	ExtensionInfo string `json:"ExtensionInfo,omitempty"`
	// DefaultName has 1 to 20 bytes, DefaultDesc at most 60.
	DefaultName string `json:"DefaultName"`
	DefaultDesc string `json:"DefaultDesc,omitempty"`
}

// AddGiftCategory configures a category of gifts. An App has at most 3; [CodeInvalidParameter] for one more, and for one that is
// configured already.
func (c *Client) AddGiftCategory(ctx context.Context, category GiftCategory) error {
	return c.call(ctx, ServiceLive, "add_gift_category", category, nil)
}

// GiftCategoryEdit is the body of edit_gift_category: what is nil stays as it is. Spec: REST 6.
type GiftCategoryEdit struct {
	CategoryID    string  `json:"CategoryId"`
	ExtensionInfo *string `json:"ExtensionInfo,omitempty"`
	DefaultName   *string `json:"DefaultName,omitempty"`
	DefaultDesc   *string `json:"DefaultDesc,omitempty"`
}

// EditGiftCategory changes a category. Like all calls about one, it is refused with [CodeInvalidParameter] when there is none.
func (c *Client) EditGiftCategory(ctx context.Context, edit GiftCategoryEdit) error {
	return c.call(ctx, ServiceLive, "edit_gift_category", edit, nil)
}

// GiftCategoryRequest is the body of calls about one category: get_gift_category, del_gift_category and get_gift_category_relations.
// Spec: REST 6.
type GiftCategoryRequest struct {
	CategoryID string `json:"CategoryId"`
}

// GiftCategoryInfo is a category as get_gift_category returns it, with its default texts. Spec: REST 6.
type GiftCategoryInfo struct {
	CategoryID    string `json:"CategoryId"`
	ExtensionInfo string `json:"ExtensionInfo"`
	DefaultName   string `json:"DefaultName"`
	DefaultDesc   string `json:"DefaultDesc"`
}

// GetGiftCategoryResponse is the payload of get_gift_category, at the top level of the answer. Spec: REST 6.
type GetGiftCategoryResponse struct {
	GiftCategoryInfo GiftCategoryInfo `json:"GiftCategoryInfo"`
}

// ConsoleGiftCategory is what the vendor's console reads under Response instead: a category alone, and as a list of one.
type ConsoleGiftCategory struct {
	Category     ListedGiftCategory   `json:"Category"`
	CategoryList []ListedGiftCategory `json:"CategoryList"`
}

// ListedGiftCategory is a category as the vendor's console reads it, with the documented keys behind.
type ListedGiftCategory struct {
	CategoryID   string `json:"CategoryId"`
	CategoryName string `json:"CategoryName"` // the default one
	CategoryDesc string `json:"CategoryDesc"`
	// GiftIDList and LanguageList are empty, never null, when there is none.
	GiftIDList   []string                       `json:"GiftIdList"`
	LanguageList []GiftCategoryTextWithLanguage `json:"LanguageList"`
	// CategoryExtension is the ExtensionInfo under the key that a console reads in the list, before it sends the ExtensionInfo back.
	CategoryExtension string `json:"CategoryExtension"`
	ExtensionInfo     string `json:"ExtensionInfo"`
	DefaultName       string `json:"DefaultName"`
	DefaultDesc       string `json:"DefaultDesc"`
}

// GetGiftCategory returns a category.
func (c *Client) GetGiftCategory(ctx context.Context, categoryID string) (GiftCategoryInfo, error) {
	var answer GiftCategoryInfo
	err := c.call(ctx, ServiceLive, "get_gift_category", GiftCategoryRequest{CategoryID: categoryID}, top{"GiftCategoryInfo", &answer})
	return answer, err
}

// DelGiftCategory deletes a category; its gifts stay.
func (c *Client) DelGiftCategory(ctx context.Context, categoryID string) error {
	return c.call(ctx, ServiceLive, "del_gift_category", GiftCategoryRequest{CategoryID: categoryID}, nil)
}

// GiftRelation names gifts of a category: the body of add_gift_category_relations and del_gift_category_relations and what
// get_gift_category_relations returns. Spec: REST 6.
type GiftRelation struct {
	CategoryID string `json:"CategoryId"`
	// GiftIDList has 1 to 100 ids in a request. In an answer it is empty, never null, when there is none.
	GiftIDList []string `json:"GiftIdList"`
}

// AddGiftCategoryRelationsResponse is the payload of add_gift_category_relations at the top level of the answer and under Response.
type AddGiftCategoryRelationsResponse struct {
	// InvalidGiftIDs are the ids that were not added, because there are no such gifts; empty, never null.
	InvalidGiftIDs []string `json:"InvalidGiftIdList"`
}

// AddGiftCategoryRelations puts gifts into a category, beside those that are in it. It returns the ids that are of no gift; the others
// were added.
func (c *Client) AddGiftCategoryRelations(ctx context.Context, categoryID string, giftIDs ...string) ([]string, error) {
	var invalid []string
	request := GiftRelation{CategoryID: categoryID, GiftIDList: giftIDs}
	err := c.call(ctx, ServiceLive, "add_gift_category_relations", request, top{"InvalidGiftIdList", &invalid})
	return invalid, err
}

// DelGiftCategoryRelations takes gifts out of a category; those that are not in it are passed over.
func (c *Client) DelGiftCategoryRelations(ctx context.Context, categoryID string, giftIDs ...string) error {
	request := GiftRelation{CategoryID: categoryID, GiftIDList: giftIDs}
	return c.call(ctx, ServiceLive, "del_gift_category_relations", request, nil)
}

// GetGiftCategoryRelationsResponse is the payload of get_gift_category_relations at the top level of the answer and under Response.
type GetGiftCategoryRelationsResponse struct {
	Relation GiftRelation `json:"Relation"`
}

// GetGiftCategoryRelations returns the ids of the gifts of a category, in the order in which they were put there.
func (c *Client) GetGiftCategoryRelations(ctx context.Context, categoryID string) ([]string, error) {
	var answer GiftRelation
	err := c.call(ctx, ServiceLive, "get_gift_category_relations", GiftCategoryRequest{CategoryID: categoryID}, top{"Relation", &answer})
	return answer.GiftIDList, err
}
