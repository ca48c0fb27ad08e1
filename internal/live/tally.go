package live

// KindTally is the kind of [Tally].
const KindTally PartKind = "tally"

// Tally counts what happens in a room. A room in which nothing was counted yet has none.
type Tally struct {
	// Members are present now.
	Members int64 `json:",omitempty"`
	// Views are entries; a user who enters twice counts twice. Spec: REST 2.0, ViewCount.
	Views int64 `json:",omitempty"`
	// Messages is also the MsgSeq of the last one. Spec: REST 5.1.
	Messages    int64 `json:",omitempty"`
	GiftsSent   int64 `json:",omitempty"`
	GiftCoins   int64 `json:",omitempty"`
	GiftSenders int64 `json:",omitempty"` // different ones
	Likes       int64 `json:",omitempty"`
}

// Kind implements [Part].
func (*Tally) Kind() PartKind { return KindTally }

// TallyOf names the tally of a room.
func TallyOf(room RoomID) PartID { return PartID{Room: room, Kind: KindTally} }

// tally returns a copy of a room's counters, all 0 when there are none yet.
func tally(s State, room RoomID) *Tally {
	if t := part[*Tally](s, TallyOf(room)); t != nil {
		c := *t
		return &c
	}
	return &Tally{}
}

// Statistic is what a room has counted so far. Spec: REST 2.2 and 2.11.
func (t *Tally) Statistic() Statistic {
	return Statistic{
		TotalViewers: t.Views, TotalGiftsSent: t.GiftsSent, TotalGiftCoins: t.GiftCoins,
		TotalUniqueGiftSenders: t.GiftSenders, TotalLikesReceived: t.Likes,
	}
}
