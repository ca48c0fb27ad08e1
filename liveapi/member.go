package liveapi

import "context"

// MaxMembersOfCall is the most accounts that one call bans, unbans or mutes. Spec: REST 4.2.
const MaxMembersOfCall = 20

// Member is an account in a list.
type Member struct {
	MemberAccount string `json:"Member_Account"`
}

// GetMemberListRequest is the body of get_member_list. Spec: REST 4.1.
type GetMemberListRequest struct {
	RoomID string `json:"RoomId"`
	// Next is "" for the first page, then the Next of the answer before.
	Next string `json:"Next"`
}

// GetMemberListResponse is the payload of get_member_list. Spec: REST 4.1.
type GetMemberListResponse struct {
	// Next asks for the page after this one; "" on the last page. It can be used more than once.
	Next string `json:"Next"`
	// MemberCount is how many are in the room, on whatever page.
	MemberCount int64 `json:"MemberCount"`
	// MemberList is empty, never null, when nobody is there; at most 100 members, in the order of the bytes of their accounts.
	MemberList []Member `json:"MemberList"`
}

// GetMemberList returns a page of those who are in a room. Who comes or goes while pages are read may be on a page or not; who
// stays is on exactly one.
func (c *Client) GetMemberList(ctx context.Context, roomID, next string) (GetMemberListResponse, error) {
	var answer GetMemberListResponse
	err := c.call(ctx, ServiceLive, "get_member_list", GetMemberListRequest{RoomID: roomID, Next: next}, &answer)
	return answer, err
}
