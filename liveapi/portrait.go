package liveapi

import "context"

// Tags of profiles that are shown in a list of rooms. Others can be set too.
const (
	TagNick  = "Tag_Profile_IM_Nick"
	TagImage = "Tag_Profile_IM_Image"
)

// ImportAccountRequest is the body of account_import. Spec: accounts and clients 2.
type ImportAccountRequest struct {
	// UserID is an account of 1 to 32 bytes. Accounts need not be imported to be named by other calls.
	UserID string `json:"UserID"`
	// Nick and FaceURL have at most 500 bytes; nil leaves what was known.
	Nick    *string `json:"Nick,omitempty"`
	FaceURL *string `json:"FaceUrl,omitempty"`
}

// ImportAccount makes an account known, with a name and a picture. It can be repeated.
func (c *Client) ImportAccount(ctx context.Context, request ImportAccountRequest) error {
	return c.call(ctx, ServiceLogin, "account_import", request, nil)
}

// ProfileItem is one value of a profile.
type ProfileItem struct {
	// Tag has 1 to 100 bytes.
	Tag string `json:"Tag"`
	// Value is a string of at most 500 bytes or an integer; what was read from an answer is a string or a float64.
	Value any `json:"Value"`
}

// SetPortraitRequest is the body of portrait_set. Spec: accounts and clients 2.
type SetPortraitRequest struct {
	FromAccount string `json:"From_Account"`
	// ProfileItems are 1 to 64; a profile has at most 64 tags. Tags that are not named stay.
	ProfileItems []ProfileItem `json:"ProfileItem"`
}

// SetPortrait sets values of the profile of an account.
func (c *Client) SetPortrait(ctx context.Context, request SetPortraitRequest) error {
	return c.call(ctx, ServiceProfile, "portrait_set", request, nil)
}

// GetPortraitRequest is the body of portrait_get. Spec: accounts and clients 2.
type GetPortraitRequest struct {
	// ToAccounts are 1 to 100.
	ToAccounts []string `json:"To_Account"`
	// TagList names the tags that are wanted, at most 64; empty: all.
	TagList []string `json:"TagList,omitempty"`
}

// GetPortraitResponse is the payload of portrait_get. It stands under Response and, as consoles read it there, at the top level
// too. Spec: accounts and clients 2.
type GetPortraitResponse struct {
	// UserProfileItems are in the order of the accounts that were asked for.
	UserProfileItems []UserProfile `json:"UserProfileItem"`
}

// UserProfile is the profile of one account.
type UserProfile struct {
	ToAccount string `json:"To_Account"`
	// ProfileItems are sorted by their tags; empty, never null, for an account of which nothing is known.
	ProfileItems []ProfileItem `json:"ProfileItem"`
}

// GetPortrait returns profiles of accounts.
func (c *Client) GetPortrait(ctx context.Context, request GetPortraitRequest) ([]UserProfile, error) {
	var answer GetPortraitResponse
	err := c.call(ctx, ServiceProfile, "portrait_get", request, &answer)
	return answer.UserProfileItems, err
}
