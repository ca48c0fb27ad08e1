package live

// MaxQuota is the largest [App.MaxRooms]: the rooms of an App that has one are counted when one is created.
const MaxQuota = 1_000_000

// quotaReached is the part of its quota, in percent, from which on each creation reports how many rooms an App has.
// Spec: callbacks 6.6.
const quotaReached = 70

// QuotaReached reports that an App has most of the rooms that it may have, the new one included.
type QuotaReached struct{ Current, Most int64 }

func (QuotaReached) change()     {}
func (QuotaReached) lane() Lanes { return AppLane }

// checkQuota refuses one room more than the App may have, and returns what is to be reported of one that it may have.
func checkQuota(s State) ([]Event, error) {
	most := s.App().MaxRooms
	if most == 0 {
		return nil, nil
	}
	current := s.Rooms() + 1
	if current > most {
		return nil, Refuse(TooManyRooms, "the App has %d rooms, as many as it may have; destroy one, or set a higher max_rooms in the config", most)
	}
	if current*100 < most*quotaReached {
		return nil, nil
	}
	return []Event{{Change: QuotaReached{Current: current, Most: most}}}, nil
}
