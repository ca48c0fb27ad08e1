package live

import (
	"slices"
	"strings"
)

// Attributes are the attributes that a call may set; nil means not given. Spec: REST 2.0.
type Attributes struct {
	Name                 *string
	SeatTemplate         *string
	SeatLayoutTemplateID *int64
	IsSeatEnabled        *bool
	TakeSeatMode         *string
	MaxSeatCount         *int64
	MaxMemberCount       *int64
	IsMessageDisabled    *bool
	IsPublicVisible      *bool
	IsUnlimitedRoom      *bool
	KeepOwnerOnSeat      *bool
	CoverURL             *string
	BackgroundURL        *string
	Category             *[]int64
	ActivityStatus       *int64
	Notice               *string
	CustomInfo           *string
}

// Limits of attributes. Spec: REST 2.0; MaxCustomInfo, MaxSeats and MaxMembers are not documented for Live and are
// chosen here.
const (
	MaxRoomName   = 100
	MaxURL        = 200
	MaxNotice     = 100
	MaxCategories = 3
	MaxCustomInfo = 500
	MaxSeats      = 50
	MaxMembers    = 1_000_000
	// DefaultMaxMemberCount stands where the cloud takes the limit of the package that was bought.
	DefaultMaxMemberCount = 100_000
	defaultSeatCount      = 10
)

// TakeSeatMode values. Spec: REST 2.0; callbacks 6.1 add None, for a room without seats.
const (
	FreeToTake  = "FreeToTake"
	ApplyToTake = "ApplyToTake"
	NoSeats     = "None"
)

// seatTemplate is what a template says of the seats.
type seatTemplate struct {
	// seats are how many there are; 0: MaxSeatCount decides.
	seats int64
	// layout is the older, numeric form of the template.
	layout int64
}

// seatTemplates are the documented templates. The landscape template is spelled both ways in the vendor's material, and its clients
// know rooms by the numbers.
var seatTemplates = map[string]seatTemplate{
	"VideoDynamicGrid9Seats":  {9, 600},
	"VideoDynamicFloat7Seats": {7, 601},
	"VideoFixedGrid9Seats":    {9, 800},
	"VideoFixedFloat7Seats":   {7, 801},
	"VideoLandscape4Seat":     {4, 200},
	"VideoLandscape4Seats":    {4, 200},
	"AudioSalon":              {0, 70},
	"Karaoke":                 {0, 50},
}

// seatTemplateOf names the template of a layout, of two spellings the one that the vendor's console sends; empty when the number is none.
func seatTemplateOf(layout int64) string {
	for _, name := range SeatTemplates() {
		if seatTemplates[name].layout == layout {
			return name
		}
	}
	return ""
}

// Check refuses attributes over their limits.
func (a *Attributes) Check() error {
	texts := []struct {
		field string
		text  *string
		limit int
	}{
		{"RoomName", a.Name, MaxRoomName},
		{"CoverURL", a.CoverURL, MaxURL},
		{"BackgroundURL", a.BackgroundURL, MaxURL},
		{"Notice", a.Notice, MaxNotice},
		{"CustomInfo", a.CustomInfo, MaxCustomInfo},
	}
	for _, t := range texts {
		if t.text == nil {
			continue
		}
		if err := checkLength(t.field, *t.text, t.limit); err != nil {
			return err
		}
	}
	numbers := []struct {
		field string
		n     *int64
		limit int64
	}{
		{"MaxSeatCount", a.MaxSeatCount, MaxSeats},
		{"MaxMemberCount", a.MaxMemberCount, MaxMembers},
	}
	for _, n := range numbers {
		if n.n != nil && (*n.n < 0 || *n.n > n.limit) {
			return invalid("%s is %d; 0 to %d are allowed", n.field, *n.n, n.limit)
		}
	}
	if a.Category != nil && len(*a.Category) > MaxCategories {
		return invalid("Category has %d entries; at most %d are allowed", len(*a.Category), MaxCategories)
	}
	return a.checkEnums()
}

func (a *Attributes) checkEnums() error {
	if a.TakeSeatMode != nil && *a.TakeSeatMode != FreeToTake && *a.TakeSeatMode != ApplyToTake {
		return invalid("TakeSeatMode is not known; use %s or %s", FreeToTake, ApplyToTake)
	}
	if a.SeatTemplate != nil {
		if _, ok := seatTemplates[*a.SeatTemplate]; !ok {
			return invalid("SeatTemplate is not known; use one of %s", strings.Join(SeatTemplates(), ", "))
		}
	}
	return nil
}

// SeatTemplates lists the known values of SeatTemplate, sorted.
func SeatTemplates() []string {
	names := make([]string, 0, len(seatTemplates))
	for name := range seatTemplates {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// apply sets what is given on a room that the caller owns. A room without a name is named by its RoomId, however the
// name went. Spec: REST 2.0, RoomName.
func (a *Attributes) apply(r *Room) {
	set(&r.Name, a.Name)
	if r.Name == "" {
		r.Name = string(r.ID)
	}
	set(&r.SeatTemplate, a.SeatTemplate)
	set(&r.SeatLayoutTemplateID, a.SeatLayoutTemplateID)
	set(&r.IsSeatEnabled, a.IsSeatEnabled)
	set(&r.TakeSeatMode, a.TakeSeatMode)
	set(&r.MaxSeatCount, a.MaxSeatCount)
	set(&r.MaxMemberCount, a.MaxMemberCount)
	set(&r.IsMessageDisabled, a.IsMessageDisabled)
	set(&r.IsPublicVisible, a.IsPublicVisible)
	set(&r.IsUnlimitedRoom, a.IsUnlimitedRoom)
	set(&r.KeepOwnerOnSeat, a.KeepOwnerOnSeat)
	set(&r.CoverURL, a.CoverURL)
	set(&r.BackgroundURL, a.BackgroundURL)
	set(&r.ActivityStatus, a.ActivityStatus)
	set(&r.Notice, a.Notice)
	set(&r.CustomInfo, a.CustomInfo)
	if a.Category != nil {
		r.Category = slices.Clone(*a.Category)
	}
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
