package rest

import (
	"context"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// Spec: REST 3.1.
func modifyAdminFields(c *live.ModifyAdmin) []field {
	return []field{
		roomID(&c.Room),
		accounts("Admin_Account", live.MaxAdministrators, &c.Accounts).must(),
		text("OpType", maxWord, &c.Op).must(),
	}
}

// Spec: REST 3.2.
func getAdminList(ctx context.Context, h *Handler, r *request, id live.RoomID) (any, error) {
	room, err := h.room(ctx, r, id)
	if err != nil {
		return nil, err
	}
	answer := liveapi.GetAdminListResponse{AdminAccounts: []string{}}
	for _, a := range room.Administrators {
		answer.AdminAccounts = append(answer.AdminAccounts, string(a))
	}
	return answer, nil
}

// Spec: REST 3.3.
func changeOwnerFields(c *live.ChangeOwner) []field {
	return []field{roomID(&c.Room), account("NewOwner_Account", &c.NewOwner).must()}
}
