package live

import (
	"fmt"
	"time"
)

// Limits of the layout of a mixed stream. They are chosen here, as none is documented.
const (
	MaxLayouts = 16
	// MaxPixels is the largest width, height and place of a picture.
	MaxPixels = 8192
	MaxZOrder = 100
	// MaxStreamType is the largest number of a kind of stream; 0 is the camera.
	MaxStreamType = 10
)

// LayoutMode says how the pictures of a mixed stream are laid out. Spec: set_mix_stream.
type LayoutMode int64

// The documented modes.
const (
	LayoutGrid   LayoutMode = 0
	LayoutCustom LayoutMode = 1000
)

// KindMix is the kind of [Mix].
const KindMix PartKind = "mix"

// Mix is the layout of a room's mixed stream as it was set last. There is no media in this server, so nothing is mixed by it. A room
// with the automatic layout has none.
type Mix struct {
	Mode LayoutMode
	// Width and Height are those of the mixed picture, in pixels; 0: not given.
	Width  int64 `json:",omitempty"`
	Height int64 `json:",omitempty"`
	// Layouts are the pictures of LayoutCustom.
	Layouts []Layout `json:",omitempty"`
}

// Layout is the place of one picture in a mixed stream, in pixels. Width and height 0: sound only.
type Layout struct {
	X, Y, Width, Height int64
	// Room is that of the account, which can be another one.
	Room       RoomID
	Account    Account
	StreamType int64
	ZOrder     int64
}

// Kind implements [Part].
func (*Mix) Kind() PartKind { return KindMix }

// MixOf names the layout of a room.
func MixOf(room RoomID) PartID { return PartID{Room: room, Kind: KindMix} }

// SetMix sets the layout of a room's mixed stream. Layouts count with LayoutCustom only. Who is named need not sit: it can be somebody of
// another room, and a layout may be set before people take their seats. Spec: set_mix_stream.
type SetMix struct {
	Room RoomID
	Mix  Mix
}

// Name implements [Command].
func (SetMix) Name() string { return "set_mix_stream" }

// Names implements [RoomCommand].
func (c SetMix) Names() Names { return Names{Room: c.Room, Parts: []PartID{MixOf(c.Room)}} }

// Check implements [RoomCommand].
func (c SetMix) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	m := &c.Mix
	if m.Mode != LayoutGrid && m.Mode != LayoutCustom {
		return invalid("LayoutMode is %d; use %d for nine pictures in a grid or %d for a LayoutInfo", m.Mode, LayoutGrid, LayoutCustom)
	}
	if err := checkPixels("VideoEncode", pixels{"Width", m.Width}, pixels{"Height", m.Height}); err != nil {
		return err
	}
	if n := len(m.Layouts); n > MaxLayouts || n == 0 && m.Mode == LayoutCustom {
		return invalid("LayoutList has %d entries; LayoutMode %d takes 1 to %d", n, LayoutCustom, MaxLayouts)
	}
	for i := range m.Layouts {
		if err := m.Layouts[i].check(fmt.Sprintf("LayoutList[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

// Apply implements [RoomCommand]; [NoPermission] when the room is not one that is mixed.
func (c SetMix) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if err := mixed(room, c.Room); err != nil {
		return Outcome{}, err
	}
	m := c.Mix
	if m.Mode == LayoutGrid {
		m.Layouts = nil
	}
	return Outcome{Room: room, Parts: []PartChange{{ID: MixOf(c.Room), Part: &m}}}, nil
}

// ResumeMix returns to the automatic layout. Spec: resume_mcu_task.
type ResumeMix struct{ Room RoomID }

// Name implements [Command].
func (ResumeMix) Name() string { return "resume_mcu_task" }

// Names implements [RoomCommand].
func (c ResumeMix) Names() Names { return Names{Room: c.Room, Parts: []PartID{MixOf(c.Room)}} }

// Check implements [RoomCommand].
func (c ResumeMix) Check() error { return c.Room.Check() }

// Apply implements [RoomCommand]; [NoPermission] as with [SetMix]. A room that has the automatic layout keeps it.
func (c ResumeMix) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if err := mixed(room, c.Room); err != nil {
		return Outcome{}, err
	}
	out := Outcome{Room: room}
	if s.Part(MixOf(c.Room)) != nil {
		out.Parts = []PartChange{{ID: MixOf(c.Room)}}
	}
	return out, nil
}

// mixed refuses a room that has no mixed stream.
func mixed(room *Room, id RoomID) error {
	switch {
	case room == nil:
		return noRoom(id)
	case !room.IsUnlimitedRoom:
		return Refuse(NoPermission, "room %q has no mixed stream; set its IsUnlimitedRoomEnabled", id)
	case !room.IsSeatEnabled:
		return Refuse(NoPermission, "room %q has no seats, so there is nobody whose stream is mixed", id)
	}
	return nil
}

func (l *Layout) check(field string) error {
	if err := checkPixels(field, pixels{"LocationX", l.X}, pixels{"LocationY", l.Y}, pixels{"ImageWidth", l.Width}, pixels{"ImageHeight", l.Height}); err != nil {
		return err
	}
	if l.StreamType < 0 || l.StreamType > MaxStreamType {
		return invalid("%s.StreamType is %d; 0 to %d are allowed", field, l.StreamType, MaxStreamType)
	}
	if l.ZOrder < 0 || l.ZOrder > MaxZOrder {
		return invalid("%s.ZOrder is %d; 0 to %d are allowed", field, l.ZOrder, MaxZOrder)
	}
	if l.Room != "" {
		if err := l.Room.Check(); err != nil {
			return err
		}
	}
	return l.Account.Check(field + ".Member_Account")
}

// pixels is a length of a picture with the name of its field.
type pixels struct {
	field string
	n     int64
}

func checkPixels(of string, list ...pixels) error {
	for _, p := range list {
		if p.n < 0 || p.n > MaxPixels {
			return invalid("%s.%s is %d; 0 to %d are allowed", of, p.field, p.n, MaxPixels)
		}
	}
	return nil
}
