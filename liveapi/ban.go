package liveapi

import (
	"context"
	"time"
)

// MaxBannedLimit is the largest Limit of get_banned_member_list, and its default. Spec: REST 4.4.
const MaxBannedLimit = 100

// BanMemberRequest is the body of ban_member. Spec: REST 4.2.
type BanMemberRequest struct {
	RoomID string `json:"RoomId"`
	// MemberAccounts are 1 to MaxMembersOfCall accounts, who need not be in the room. The owner of the room cannot be banned.
	MemberAccounts []string `json:"MemberList_Account"`
	// Duration is in seconds from now, 1 to 3,153,600,000 (a hundred years).
	Duration int64 `json:"Duration"`
	// Reason has at most 1,000 bytes.
	Reason string `json:"Reason,omitempty"`
}

// BanMember keeps accounts out of a room for a while, rounded to seconds. Those who are there are taken out, and administrators
// stop being some. A further ban replaces the one before.
func (c *Client) BanMember(ctx context.Context, roomID string, during time.Duration, reason string, accounts ...string) error {
	request := BanMemberRequest{RoomID: roomID, MemberAccounts: accounts, Duration: seconds(during), Reason: reason}
	return c.call(ctx, ServiceLive, "ban_member", request, nil)
}

// seconds rounds up: what is not nothing does not become nothing.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// UnbanMemberRequest is the body of unban_member. Spec: REST 4.3.
type UnbanMemberRequest struct {
	RoomID string `json:"RoomId"`
	// MemberAccounts are 1 to MaxMembersOfCall accounts; who is not banned is passed over.
	MemberAccounts []string `json:"MemberList_Account"`
}

// UnbanMember ends bans.
func (c *Client) UnbanMember(ctx context.Context, roomID string, accounts ...string) error {
	return c.call(ctx, ServiceLive, "unban_member", UnbanMemberRequest{RoomID: roomID, MemberAccounts: accounts}, nil)
}

// GetBannedMemberListRequest is the body of get_banned_member_list. Spec: REST 4.4.
type GetBannedMemberListRequest struct {
	RoomID string `json:"RoomId"`
	// Offset is 0 for the first page, then the NextOffset of the answer before; at most 1,000,000.
	Offset int64 `json:"Offset,omitempty"`
	// Limit is the most accounts of the page, 1 to MaxBannedLimit; 0 is not sent and means MaxBannedLimit.
	Limit int64 `json:"Limit,omitempty"`
}

// GetBannedMemberListResponse is the payload of get_banned_member_list. Spec: REST 4.4.
type GetBannedMemberListResponse struct {
	// BannedAccountList is empty, never null, when nobody is banned; in the order of the bytes of the accounts.
	BannedAccountList []BannedAccount `json:"BannedAccountList"`
	// NextOffset asks for the page after this one; 0 on the last page.
	NextOffset int64 `json:"NextOffset"`
}

// BannedAccount is a ban that lasts.
type BannedAccount struct {
	MemberAccount string `json:"Member_Account"`
	// BannedUntil is when the ban ends, in Unix seconds.
	BannedUntil int64  `json:"BannedUntil"`
	Reason      string `json:"Reason,omitempty"`
}

// GetBannedMemberList returns a page of the bans of a room. Pages are counted from the start: a ban that comes or ends meanwhile
// moves those behind it.
func (c *Client) GetBannedMemberList(ctx context.Context, request GetBannedMemberListRequest) (GetBannedMemberListResponse, error) {
	var answer GetBannedMemberListResponse
	err := c.call(ctx, ServiceLive, "get_banned_member_list", request, &answer)
	return answer, err
}
