package liveapi

import "context"

// MaxRobots is the most robots that a room may have. Spec: REST 5.3.
const MaxRobots = 3

// RobotRequest is the body of add_robot and of del_robot. Spec: REST 5.3.
type RobotRequest struct {
	RoomID string `json:"RoomId"`
	// RobotAccounts are 1 to MaxRobots accounts.
	RobotAccounts []string `json:"RobotList_Account"`
}

// AddRobot gives a room robots: a room that has one is not dissolved for being empty. [CodeInvalidParameter] when the room would
// have more than MaxRobots: then none is added.
func (c *Client) AddRobot(ctx context.Context, roomID string, accounts ...string) error {
	return c.call(ctx, ServiceLive, "add_robot", RobotRequest{RoomID: roomID, RobotAccounts: accounts}, nil)
}

// DelRobot takes robots away from a room; who is none is passed over.
func (c *Client) DelRobot(ctx context.Context, roomID string, accounts ...string) error {
	return c.call(ctx, ServiceLive, "del_robot", RobotRequest{RoomID: roomID, RobotAccounts: accounts}, nil)
}

// GetRobotRequest is the body of get_robot. Spec: REST 5.3.
type GetRobotRequest struct {
	RoomID string `json:"RoomId"`
}

// GetRobotResponse is the payload of get_robot. Spec: REST 5.3.
type GetRobotResponse struct {
	// RobotAccounts are in the order in which they were added; empty, never null, when there is none.
	RobotAccounts []string `json:"RobotList_Account"`
}

// GetRobot returns the robots of a room.
func (c *Client) GetRobot(ctx context.Context, roomID string) ([]string, error) {
	var answer GetRobotResponse
	err := c.call(ctx, ServiceLive, "get_robot", GetRobotRequest{RoomID: roomID}, &answer)
	return answer.RobotAccounts, err
}
