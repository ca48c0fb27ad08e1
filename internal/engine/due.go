package engine

import "github.com/callboard/callboard/internal/live"

// Due is a part that the server has to look at.
type Due struct {
	App  live.AppID
	Part live.PartID
}
