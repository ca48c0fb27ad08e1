package liveapi

import "context"

// The values of OpType. Spec: REST 3.1.
const (
	OpAdd    = "add"
	OpDelete = "delete"
)

// ModifyAdminRequest is the body of modify_admin. Spec: REST 3.1.
type ModifyAdminRequest struct {
	RoomID string `json:"RoomId"`
	// AdminAccounts are accounts of 1 to 32 bytes. Repeated ones count once; a room has at most 5 administrators.
	AdminAccounts []string `json:"Admin_Account"`
	// OpType is OpAdd or OpDelete. In the callback the same key begins with a small letter.
	OpType string `json:"OpType"`
}

// AddAdmin makes accounts administrators of a room. They need not be in it; those who are administrators already stay
// so. [CodeTooManyAdministrators] when the room would have more than 5: then none is added.
func (c *Client) AddAdmin(ctx context.Context, roomID string, accounts ...string) error {
	return c.ModifyAdmin(ctx, ModifyAdminRequest{RoomID: roomID, AdminAccounts: accounts, OpType: OpAdd})
}

// DeleteAdmin ends the role of administrators of a room; who is none is passed over.
func (c *Client) DeleteAdmin(ctx context.Context, roomID string, accounts ...string) error {
	return c.ModifyAdmin(ctx, ModifyAdminRequest{RoomID: roomID, AdminAccounts: accounts, OpType: OpDelete})
}

// ModifyAdmin adds or deletes administrators of a room; see [Client.AddAdmin] and [Client.DeleteAdmin].
func (c *Client) ModifyAdmin(ctx context.Context, request ModifyAdminRequest) error {
	return c.call(ctx, ServiceLive, "modify_admin", request, nil)
}

// GetAdminListRequest is the body of get_admin_list. Spec: REST 3.2.
type GetAdminListRequest struct {
	RoomID string `json:"RoomId"`
}

// GetAdminListResponse is the payload of get_admin_list. Spec: REST 3.2.
type GetAdminListResponse struct {
	// AdminAccounts are in the order in which they were appointed; empty, never null, when there is none.
	AdminAccounts []string `json:"Admin_Account"`
}

// GetAdminList returns the administrators of a room, without its owner.
func (c *Client) GetAdminList(ctx context.Context, roomID string) ([]string, error) {
	var answer GetAdminListResponse
	err := c.call(ctx, ServiceLive, "get_admin_list", GetAdminListRequest{RoomID: roomID}, &answer)
	return answer.AdminAccounts, err
}

// ChangeRoomOwnerRequest is the body of change_room_owner. Spec: REST 3.3.
type ChangeRoomOwnerRequest struct {
	RoomID          string `json:"RoomId"`
	NewOwnerAccount string `json:"NewOwner_Account"`
}

// ChangeRoomOwner gives a room another owner, who need not be in it.
func (c *Client) ChangeRoomOwner(ctx context.Context, roomID, newOwner string) error {
	request := ChangeRoomOwnerRequest{RoomID: roomID, NewOwnerAccount: newOwner}
	return c.call(ctx, ServiceLive, "change_room_owner", request, nil)
}
