package rest

import "github.com/callboard/callboard/internal/live"

// Spec: REST 2.9.
func setMixFields(c *live.SetMix) []field {
	m := &c.Mix
	return []field{
		roomID(&c.Room),
		integer("LayoutMode", 0, int64(live.LayoutCustom), (*int64)(&m.Mode)).must(),
		object("VideoEncode", pixels("Width", &m.Width), pixels("Height", &m.Height)),
		object("LayoutInfo", objects("LayoutList", live.MaxLayouts, &m.Layouts, layoutFields)),
	}
}

func layoutFields(l *live.Layout) []field {
	return []field{
		pixels("LocationX", &l.X),
		pixels("LocationY", &l.Y),
		pixels("ImageWidth", &l.Width),
		pixels("ImageHeight", &l.Height),
		text("RoomId", live.MaxRoomID, &l.Room),
		account("Member_Account", &l.Account).must(),
		integer("StreamType", 0, live.MaxStreamType, &l.StreamType),
		integer("ZOrder", 0, live.MaxZOrder, &l.ZOrder),
	}
}

func pixels(name string, to *int64) field { return integer(name, 0, live.MaxPixels, to) }

// Spec: REST 2.10.
func resumeMixFields(c *live.ResumeMix) []field { return []field{roomID(&c.Room)} }
