package live

import "time"

// CreateRoom makes a room. Spec: create_room.
type CreateRoom struct {
	Room RoomID
	// Type must be RoomType.
	Type string
	// Owner is the first owner; empty: the one who asks.
	Owner      Account
	Attributes Attributes
}

// Name implements [Command].
func (CreateRoom) Name() string { return "create_room" }

// Names implements [RoomCommand].
func (c CreateRoom) Names() Names { return Names{Room: c.Room, Create: true, Quota: true} }

// Check implements [RoomCommand].
func (c CreateRoom) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	if c.Type != RoomType {
		return invalid("RoomType must be %q", RoomType)
	}
	if c.Owner != "" {
		if err := c.Owner.Check("Owner_Account"); err != nil {
			return err
		}
	}
	return c.Attributes.Check()
}

// Apply implements [RoomCommand]. A room that exists is refused: [RoomExists] for the same owner, else [RoomTaken]; and one above
// the quota of the App: [TooManyRooms].
func (c CreateRoom) Apply(s State, by Actor, now time.Time) (Outcome, error) {
	owner := c.Owner
	if owner == "" {
		owner = by.Account
	}
	if room := s.Room(c.Room); room != nil {
		if room.Owner == owner {
			return Outcome{}, Refuse(RoomExists, "room %q exists already with the same owner; it can be used as it is", c.Room)
		}
		return Outcome{}, Refuse(RoomTaken, "room %q exists already with another owner; choose another RoomId", c.Room)
	}
	reached, err := checkQuota(s)
	if err != nil {
		return Outcome{}, err
	}
	made := newRoom(c.Room, owner, now)
	c.Attributes.apply(made)
	c.seats(made)
	events := []Event{{Room: c.Room, Roles: made.roles(), Change: RoomCreated{Room: *made}}}
	return Outcome{Room: made, Events: append(events, reached...)}, nil
}

func newRoom(id RoomID, owner Account, now time.Time) *Room {
	return &Room{
		ID:              id,
		Owner:           owner,
		IsPublicVisible: true,
		MaxMemberCount:  DefaultMaxMemberCount,
		CreateTime:      now.Unix(),
	}
}

// seats derives what older and newer callers say differently: the 2026 page knows only SeatTemplate, older pages
// IsSeatEnabled and MaxSeatCount, and readers know a template by its name or by its number. Spec: REST 2.0.
func (c CreateRoom) seats(r *Room) {
	a := &c.Attributes
	if r.SeatTemplate == "" {
		r.SeatTemplate = seatTemplateOf(r.SeatLayoutTemplateID)
	} else if r.SeatLayoutTemplateID == 0 {
		r.SeatLayoutTemplateID = seatTemplates[r.SeatTemplate].layout
	}
	if a.IsSeatEnabled == nil {
		r.IsSeatEnabled = r.SeatTemplate != "" || r.SeatLayoutTemplateID != 0
	}
	if fixed := seatTemplates[r.SeatTemplate].seats; fixed > 0 && r.IsSeatEnabled {
		r.MaxSeatCount = fixed
	} else if r.IsSeatEnabled && r.MaxSeatCount == 0 {
		r.MaxSeatCount = defaultSeatCount
	}
	if a.TakeSeatMode == nil {
		r.TakeSeatMode = NoSeats
		if r.IsSeatEnabled {
			r.TakeSeatMode = FreeToTake
		}
	}
}
