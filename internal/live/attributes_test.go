package live_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

// Spec: REST 2.0.
func TestAttributesAreTakenUpToTheirLimitsAndRefusedBeyond(t *testing.T) {
	text := func(field string, limit int, of func(*string) live.Attributes) limited {
		return limited{field, strconv.Itoa(limit), []live.Attributes{
			of(new("")), of(new(strings.Repeat("x", limit))), of(new(strings.Repeat("é", limit/2))),
		}, []live.Attributes{
			of(new(strings.Repeat("x", limit+1))), of(new(strings.Repeat("é", limit/2+1))),
		}}
	}
	number := func(field string, limit int64, of func(*int64) live.Attributes) limited {
		return limited{field, strconv.FormatInt(limit, 10),
			[]live.Attributes{of(new(int64(0))), of(new(limit))}, []live.Attributes{of(new(limit + 1)), of(new(int64(-1)))}}
	}
	cases := []limited{
		text("RoomName", 100, func(s *string) live.Attributes { return live.Attributes{Name: s} }),
		text("CoverURL", 200, func(s *string) live.Attributes { return live.Attributes{CoverURL: s} }),
		text("BackgroundURL", 200, func(s *string) live.Attributes { return live.Attributes{BackgroundURL: s} }),
		text("Notice", 100, func(s *string) live.Attributes { return live.Attributes{Notice: s} }),
		text("CustomInfo", 500, func(s *string) live.Attributes { return live.Attributes{CustomInfo: s} }),
		number("MaxSeatCount", 50, func(n *int64) live.Attributes { return live.Attributes{MaxSeatCount: n} }),
		number("MaxMemberCount", 1_000_000, func(n *int64) live.Attributes { return live.Attributes{MaxMemberCount: n} }),
		{"Category", "3",
			[]live.Attributes{{Category: &[]int64{}}, {Category: &[]int64{1, 2, 3}}},
			[]live.Attributes{{Category: &[]int64{1, 2, 3, 4}}}},
		{"TakeSeatMode", "FreeToTake or ApplyToTake",
			[]live.Attributes{{TakeSeatMode: new("FreeToTake")}, {TakeSeatMode: new("ApplyToTake")}},
			[]live.Attributes{{TakeSeatMode: new("")}, {TakeSeatMode: new("None")}, {TakeSeatMode: new("freetotake")}}},
		{"SeatTemplate", strings.Join(live.SeatTemplates(), ", "),
			[]live.Attributes{{SeatTemplate: new("AudioSalon")}},
			[]live.Attributes{{SeatTemplate: new("")}, {SeatTemplate: new("VideoDynamicGrid10Seats")}}},
	}
	for _, c := range cases {
		t.Run(c.field, func(t *testing.T) {
			for i, a := range c.allowed {
				if err := a.Check(); err != nil {
					t.Errorf("allowed %d was refused: %v", i, err)
				}
			}
			for _, a := range c.refused {
				refused(t, a.Check(), live.InvalidParameter, c.field, c.limit)
			}
		})
	}
}

type limited struct {
	field, limit     string
	allowed, refused []live.Attributes
}

func TestTextsAreUTF8WithoutNUL(t *testing.T) {
	for field, of := range map[string]func(*string) live.Attributes{
		"RoomName":      func(s *string) live.Attributes { return live.Attributes{Name: s} },
		"CoverURL":      func(s *string) live.Attributes { return live.Attributes{CoverURL: s} },
		"BackgroundURL": func(s *string) live.Attributes { return live.Attributes{BackgroundURL: s} },
		"Notice":        func(s *string) live.Attributes { return live.Attributes{Notice: s} },
		"CustomInfo":    func(s *string) live.Attributes { return live.Attributes{CustomInfo: s} },
	} {
		bad, nul := of(new("a\xff")), of(new("a\x00"))
		refused(t, bad.Check(), live.InvalidParameter, field, "UTF-8")
		refused(t, nul.Check(), live.InvalidParameter, field, "NUL")
	}
}

// Spec: REST 2.0, SeatTemplate.
func TestEveryDocumentedSeatTemplateIsKnown(t *testing.T) {
	got := live.SeatTemplates()
	if !slices.IsSorted(got) {
		t.Errorf("templates = %q, want them sorted", got)
	}
	for _, name := range []string{
		"VideoDynamicGrid9Seats", "VideoDynamicFloat7Seats", "VideoFixedGrid9Seats", "VideoFixedFloat7Seats",
		"VideoLandscape4Seat", "AudioSalon", "Karaoke",
	} {
		if !slices.Contains(got, name) {
			t.Errorf("templates = %q, want %s among them", got, name)
		}
	}
}
