package rest

import (
	"context"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// Spec: REST 5.3.
func addRobotFields(c *live.AddRobots) []field {
	return []field{roomID(&c.Room), accounts("RobotList_Account", live.MaxRobots, &c.Accounts).must()}
}

// Spec: REST 5.3.
func delRobotFields(c *live.DeleteRobots) []field {
	return []field{roomID(&c.Room), accounts("RobotList_Account", live.MaxRobots, &c.Accounts).must()}
}

// Spec: REST 5.3.
func getRobot(ctx context.Context, h *Handler, r *request, id live.RoomID) (any, error) {
	room, err := h.room(ctx, r, id)
	if err != nil {
		return nil, err
	}
	answer := liveapi.GetRobotResponse{RobotAccounts: []string{}}
	for _, a := range room.Robots {
		answer.RobotAccounts = append(answer.RobotAccounts, string(a))
	}
	return answer, nil
}
