package liveapi

import (
	"context"
	"time"
)

// MuteMemberRequest is the body of mute_member. Spec: REST 4.5.
type MuteMemberRequest struct {
	RoomID string `json:"RoomId"`
	// MemberAccounts are 1 to MaxMembersOfCall accounts, who need not be in the room. The owner of the room cannot be muted.
	MemberAccounts []string `json:"MemberList_Account"`
	// MuteTime is in seconds from now, at most 3,153,600,000 (a hundred years); 0: they may send messages again.
	MuteTime int64 `json:"MuteTime"`
}

// MuteMember bars accounts from sending messages in a room for a while, rounded to seconds. A further mute replaces the one before.
func (c *Client) MuteMember(ctx context.Context, roomID string, during time.Duration, accounts ...string) error {
	request := MuteMemberRequest{RoomID: roomID, MemberAccounts: accounts, MuteTime: seconds(during)}
	return c.call(ctx, ServiceLive, "mute_member", request, nil)
}

// UnmuteMember lets accounts send messages again; it is mute_member with a MuteTime of 0.
func (c *Client) UnmuteMember(ctx context.Context, roomID string, accounts ...string) error {
	return c.MuteMember(ctx, roomID, 0, accounts...)
}

// GetMutedMemberListRequest is the body of get_muted_member_list. Spec: REST 4.6.
type GetMutedMemberListRequest struct {
	RoomID string `json:"RoomId"`
}

// GetMutedMemberListResponse is the payload of get_muted_member_list. Spec: REST 4.6.
type GetMutedMemberListResponse struct {
	// MutedAccountList is empty, never null, when nobody is muted; at most 5,000 accounts, the first in the order of their bytes.
	MutedAccountList []MutedAccount `json:"MutedAccountList"`
}

// MutedAccount is a mute that lasts.
type MutedAccount struct {
	MemberAccount string `json:"Member_Account"`
	// MutedUntil is when the mute ends, in Unix seconds.
	MutedUntil int64 `json:"MutedUntil"`
}

// GetMutedMemberList returns those who are muted one by one; whether all of the room is stands in its IsMessageDisabled.
func (c *Client) GetMutedMemberList(ctx context.Context, roomID string) ([]MutedAccount, error) {
	var answer GetMutedMemberListResponse
	err := c.call(ctx, ServiceLive, "get_muted_member_list", GetMutedMemberListRequest{RoomID: roomID}, &answer)
	return answer.MutedAccountList, err
}
