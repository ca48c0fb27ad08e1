package live

import "slices"

// Room is a live room: one small document. Values are shared between readers; whoever changes one works on a copy.
// Stores keep it as JSON without its zero values: the row is written at every change.
type Room struct {
	ID    RoomID  `json:",omitempty"`
	Name  string  `json:",omitempty"`
	Owner Account `json:",omitempty"`
	// Administrators of this room, at most MaxAdministrators, in the order in which they were appointed.
	Administrators []Account `json:",omitempty"`
	// Robots speak for the App, at most MaxRobots; while there is one, the room is not dissolved for being empty.
	Robots []Account `json:",omitempty"`

	SeatTemplate         string  `json:",omitempty"`
	SeatLayoutTemplateID int64   `json:",omitempty"`
	IsSeatEnabled        bool    `json:",omitempty"`
	TakeSeatMode         string  `json:",omitempty"`
	MaxSeatCount         int64   `json:",omitempty"`
	MaxMemberCount       int64   `json:",omitempty"`
	IsMessageDisabled    bool    `json:",omitempty"`
	IsPublicVisible      bool    `json:",omitempty"`
	IsUnlimitedRoom      bool    `json:",omitempty"`
	KeepOwnerOnSeat      bool    `json:",omitempty"`
	CoverURL             string  `json:",omitempty"`
	BackgroundURL        string  `json:",omitempty"`
	Category             []int64 `json:",omitempty"`
	ActivityStatus       int64   `json:",omitempty"`
	Notice               string  `json:",omitempty"`
	CustomInfo           string  `json:",omitempty"`
	// Seats are those that somebody sits on or on which something is forbidden, by Index.
	Seats []Seat `json:",omitempty"`
	// CreateTime is in Unix seconds.
	CreateTime int64 `json:",omitempty"`
	// Life tells the lives of a room apart that was destroyed and created again: the number that its creation has in its
	// control lane. What was kept of a life before does not belong to this one. It is set by the engine.
	Life int64 `json:",omitempty"`
}

// RoomType is the only type of room here. Spec: REST 2.0, RoomType.
const RoomType = "Live"

// Statistic are the counters of a room's life. Spec: REST 2.2.
type Statistic struct {
	TotalViewers           int64
	TotalGiftsSent         int64
	TotalGiftCoins         int64
	TotalUniqueGiftSenders int64
	TotalLikesReceived     int64
}

// DestroyCause says who ended a room. Spec: callbacks 6.2, EventType.
type DestroyCause string

// The two documented causes.
const (
	DestroyByUser   DestroyCause = "DestroyByUser"
	DestroyBySystem DestroyCause = "DestroyBySystem"
)

func (r *Room) roles() *Roles {
	return &Roles{Owner: r.Owner, Administrators: r.Administrators}
}

func (r *Room) hasAdministrator(a Account) bool { return slices.Contains(r.Administrators, a) }

func (r *Room) hasRobot(a Account) bool { return slices.Contains(r.Robots, a) }

// copy returns a room whose fields may be replaced; slices are replaced whole, never changed in place.
func (r *Room) copy() *Room {
	c := *r
	return &c
}

func (r *Room) equal(o *Room) bool {
	a, b := *r, *o
	if !slices.Equal(a.Administrators, b.Administrators) || !slices.Equal(a.Robots, b.Robots) || !slices.Equal(a.Category, b.Category) ||
		!slices.Equal(a.Seats, b.Seats) {
		return false
	}
	a.Administrators, b.Administrators, a.Robots, b.Robots, a.Category, b.Category = nil, nil, nil, nil, nil, nil
	return a.scalars() == b.scalars()
}

// scalars is the room without its slices, which makes it comparable. A new field of Room that is missing here fails
// TestEveryRoomFieldCountsAsChange.
func (r *Room) scalars() any {
	return [...]any{
		r.ID, r.Name, r.Owner, r.SeatTemplate, r.SeatLayoutTemplateID, r.IsSeatEnabled, r.TakeSeatMode, r.MaxSeatCount,
		r.MaxMemberCount, r.IsMessageDisabled, r.IsPublicVisible, r.IsUnlimitedRoom, r.KeepOwnerOnSeat, r.CoverURL,
		r.BackgroundURL, r.ActivityStatus, r.Notice, r.CustomInfo, r.CreateTime, r.Life,
	}
}

func noRoom(id RoomID) error {
	return Refuse(RoomNotFound, "there is no room %q; it was never created or is destroyed", id)
}
