package liveapi

import "context"

// Gift is the body of add_gift. Spec: REST 6.1.
type Gift struct {
	// GiftID has 1 to 20 bytes.
	GiftID string `json:"GiftId"`
	// IconURL and ResourceURL have at most 200 bytes each. Their keys end in Url, those of rooms in URL.
	IconURL     string `json:"IconUrl,omitempty"`
	ResourceURL string `json:"ResourceUrl,omitempty"`
	// Coins is the price of one, at most 1,000,000,000.
	Coins int64 `json:"Coins"`
	Level int64 `json:"Level,omitempty"`
	// ExtensionInfo is JSON text of at most 100 bytes.
	ExtensionInfo string `json:"ExtensionInfo,omitempty"`
	// DefaultName has 1 to 20 bytes, DefaultDesc at most 20.
	DefaultName string `json:"DefaultName"`
	DefaultDesc string `json:"DefaultDesc,omitempty"`
}

// AddGift configures a gift. An App has at most 16; [CodeInvalidParameter] for one more, and for one that is configured already.
func (c *Client) AddGift(ctx context.Context, gift Gift) error {
	return c.call(ctx, ServiceLive, "add_gift", gift, nil)
}

// GiftEdit is the body of edit_gift: what is nil stays as it is. The limits are those of [Gift]. Spec: REST 6.
type GiftEdit struct {
	GiftID        string  `json:"GiftId"`
	IconURL       *string `json:"IconUrl,omitempty"`
	ResourceURL   *string `json:"ResourceUrl,omitempty"`
	Coins         *int64  `json:"Coins,omitempty"`
	Level         *int64  `json:"Level,omitempty"`
	ExtensionInfo *string `json:"ExtensionInfo,omitempty"`
	DefaultName   *string `json:"DefaultName,omitempty"`
	DefaultDesc   *string `json:"DefaultDesc,omitempty"`
}

// EditGift changes a gift; [CodeGiftNotFound] when there is none.
func (c *Client) EditGift(ctx context.Context, edit GiftEdit) error {
	return c.call(ctx, ServiceLive, "edit_gift", edit, nil)
}

// GiftRequest is the body of calls about one gift: get_gift and del_gift. Spec: REST 6.
type GiftRequest struct {
	GiftID string `json:"GiftId"`
}

// GiftInfo is a gift as get_gift returns it, with its default texts. Spec: REST 6.1.
type GiftInfo struct {
	GiftID        string `json:"GiftId"`
	IconURL       string `json:"IconUrl"`
	ResourceURL   string `json:"ResourceUrl"`
	Coins         int64  `json:"Coins"`
	Level         int64  `json:"Level"`
	ExtensionInfo string `json:"ExtensionInfo"`
	DefaultName   string `json:"DefaultName"`
	DefaultDesc   string `json:"DefaultDesc"`
}

// GetGiftResponse is the payload of get_gift. It stands at the top level of the answer, as the page has it, and under Response, where the
// vendor's console reads it. Spec: REST 6.
type GetGiftResponse struct {
	GiftInfo GiftInfo `json:"GiftInfo"`
}

// GetGift returns a gift; [CodeGiftNotFound] when there is none.
func (c *Client) GetGift(ctx context.Context, giftID string) (GiftInfo, error) {
	var answer GiftInfo
	err := c.call(ctx, ServiceLive, "get_gift", GiftRequest{GiftID: giftID}, top{"GiftInfo", &answer})
	return answer, err
}

// DelGift deletes a gift, out of its categories too; [CodeGiftNotFound] when there is none.
func (c *Client) DelGift(ctx context.Context, giftID string) error {
	return c.call(ctx, ServiceLive, "del_gift", GiftRequest{GiftID: giftID}, nil)
}

// GetGiftInfoListResponse is the payload of get_gift_info_list, which is known from the vendor's console only. Spec: REST 6.
type GetGiftInfoListResponse struct {
	// GiftList and CategoryList are empty, never null, when there is none.
	GiftList     []ListedGift         `json:"GiftList"`
	CategoryList []ListedGiftCategory `json:"CategoryList"`
	// TotalCount is that of the gifts.
	TotalCount int64 `json:"TotalCount"`
}

// ListedGift is a gift of a list.
type ListedGift struct {
	GiftID        string `json:"GiftId"`
	Name          string `json:"Name"` // the default one
	Desc          string `json:"Desc"`
	IconURL       string `json:"IconUrl"`
	ResourceURL   string `json:"ResourceUrl"`
	Coins         int64  `json:"Coins"`
	Level         int64  `json:"Level"`
	ExtensionInfo string `json:"ExtensionInfo"`
	// CreateTime is in Unix seconds.
	CreateTime   int64                  `json:"CreateTime"`
	LanguageList []GiftTextWithLanguage `json:"LanguageList"`
}

// GetGiftInfoList returns all gifts and categories of the App, with their texts in all languages.
func (c *Client) GetGiftInfoList(ctx context.Context) (GetGiftInfoListResponse, error) {
	var answer GetGiftInfoListResponse
	err := c.call(ctx, ServiceLive, "get_gift_info_list", struct{}{}, &answer)
	return answer, err
}
