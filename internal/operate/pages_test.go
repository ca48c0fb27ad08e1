package operate

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/eventlog"
)

func TestAPageIsAskedForAsTheQuerySays(t *testing.T) {
	plain := Search{Reader: "callback", From: 1, To: maxSeq, Limit: 100, Look: 100, Bytes: pageBytes, After: Mark{Seq: maxSeq + 1}}
	with := func(change func(*Search)) Search {
		s := plain
		change(&s)
		return s
	}
	cases := []struct {
		name, target string
		want         Search
	}{
		{"nothing", "deliveries?", plain},
		{"all", "deliveries?reader=redelivery-1&lane=r1&command=Live.X&state=retried&from=3&to=9&limit=7&", with(func(s *Search) {
			s.Reader, s.Lane, s.Command, s.State, s.From, s.To, s.Limit, s.Look = "redelivery-1", "r1", "Live.X", Retried, 3, 9, 7, lookLane
			s.After = Mark{Seq: 10}
		})},
		{"upwards", "deliveries?order=asc&from=3&", with(func(s *Search) {
			s.Ascending, s.From, s.After = true, 3, Mark{Seq: 2, Number: maxNumber}
		})},
		{"a time", "deliveries?since=1000&until=1772377200000&", with(func(s *Search) {
			s.Since, s.Until, s.Look, s.To, s.After = time.UnixMilli(1000), time.UnixMilli(1772377200000), lookAlone, 8, Mark{Seq: 9}
		})},
		{"a time upwards, and a range", "deliveries?until=2000&from=6&to=20&order=asc&", with(func(s *Search) {
			s.Until, s.Look, s.From, s.To, s.Ascending, s.After = time.UnixMilli(2000), lookAlone, 6, 8, true, Mark{Seq: 5, Number: maxNumber}
		})},
		{"from a time on", "deliveries?since=1000&", with(func(s *Search) {
			s.Since, s.Look = time.UnixMilli(1000), lookAlone
		})},
		{"dead letters of a time, with bodies", "dead?since=1000&until=2000&body=1&", with(func(s *Search) {
			s.Since, s.Until, s.Body, s.Look = time.UnixMilli(1000), time.UnixMilli(2000), true, lookLog
		})},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := &fake{last: 8}
			rec := send(f, http.MethodGet, Prefix+c.target+query(t, "administrator"), "")
			if rec.Code != http.StatusOK {
				t.Fatalf("answer %d %s", rec.Code, rec.Body)
			}
			if diff := cmp.Diff(c.want, f.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARangeOfTimeWithoutEventsIsAnEmptyPage(t *testing.T) {
	f := &fake{last: 8, extent: Extent{Log: "abcdefgh"}}
	rec := send(f, http.MethodGet, Prefix+"deliveries?until=1000&from=9&"+query(t, "administrator"), "")
	want := `{"Log":"abcdefgh","Deliveries":[],"Next":"","Looked":0}`
	if got := strings.TrimSpace(rec.Body.String()); got != want || f.asked != nil {
		t.Errorf("answer %s, and the store was asked for %v; want %s without asking", got, f.asked, want)
	}
}

func TestNextGoesOnWhereThePageEndedWhateverTheClockSays(t *testing.T) {
	f := &fake{last: 8, attempts: Page[Delivery]{More: true, Next: Mark{Seq: 6, Number: 2}, Looked: 8_000}}
	first := send(f, http.MethodGet, Prefix+"deliveries?until=1000&from=4&"+query(t, "administrator"), "").Body.String()
	_, next, _ := strings.Cut(first, `"Next":"`)
	next, _, _ = strings.Cut(next, `"`)
	f.last = 100 // as time goes by
	send(f, http.MethodGet, Prefix+"deliveries?until=1000&from=4&next="+next+"&"+query(t, "administrator"), "")
	got, _ := f.asked.(Search)
	if diff := cmp.Diff([]any{int64(4), int64(8), Mark{Seq: 6, Number: 2}}, []any{got.From, got.To, got.After}); diff != "" {
		t.Errorf("the second page (-want +got):\n%s", diff)
	}
}

func TestDeliveriesAreAnsweredWithEventBothVerdictsAndLooked(t *testing.T) {
	f := &fake{extent: Extent{Log: "abcdefgh", Head: 9}, attempts: Page[Delivery]{Looked: 3, Rows: []Delivery{{
		Attempt: eventlog.Attempt{
			Seq: 7, Number: 2, At: time.UnixMilli(1_700_000_000_123), Duration: 1234567 * time.Nanosecond, Status: 500,
			Durable: eventlog.Retry, Cloud: eventlog.Failed, Counted: eventlog.GivenUp, Why: "status 500", Answer: `<b>&"`,
		},
		Lane: "r1", Command: "Live.CallbackAfterModifyAdmin",
	}}}}
	rec := send(f, http.MethodGet, Prefix+"deliveries?"+query(t, "administrator"), "")
	want := `{"Log":"abcdefgh","Deliveries":[{"Reader":"callback","Event":"1400000001-abcdefgh-7","Seq":7,"Lane":"r1",` +
		`"Command":"Live.CallbackAfterModifyAdmin","Number":2,"Time":1700000000123,"Duration":1.234,"Status":500,` +
		`"Counted":"given up","Durable":"retry","Cloud":"failed","Reason":"status 500","Answer":"<b>&\""}],"Next":"","Looked":3}` + "\n"
	if diff := cmp.Diff(want, rec.Body.String()); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestDeadLettersAreAnsweredWithTheExactBytesOfTheBody(t *testing.T) {
	body := `{"Name":"<&>` + "\u2028" + `","N":1.0}`
	f := &fake{extent: Extent{Log: "abcdefgh", Head: 9}, letters: Page[Letter]{Looked: 1, More: true, Next: Mark{Seq: 7}, Rows: []Letter{{
		Dead:  eventlog.Dead{Seq: 7, At: time.UnixMilli(1_700_000_001_000), Why: "status 500", Attempts: 3},
		Event: eventlog.Event{Seq: 7, Lane: "r1", RoomSeq: 4, Command: "Live.X", Time: 1_700_000_000_000, Body: []byte(body)},
	}}}}
	rec := send(f, http.MethodGet, Prefix+"dead?body=1&"+query(t, "administrator"), "")
	want := `{"Log":"abcdefgh","Dead":[{"Reader":"callback","Event":"1400000001-abcdefgh-7","Seq":7,"Lane":"r1","RoomSeq":4,"Command":"Live.X",` +
		`"Time":1700000000000,"GivenUp":1700000001000,"Attempts":3,"Reason":"status 500","Body":` + body + `}],"Next":"` +
		(&Search{From: 1, To: maxSeq}).next(Mark{Seq: 7}) + `","Looked":1}` + "\n"
	if diff := cmp.Diff(want, rec.Body.String()); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// FuzzFilter holds that any query is refused, or becomes a search within limits that begins inside its range.
func FuzzFilter(f *testing.F) {
	for _, q := range []string{"", "from=3&to=9&order=asc&limit=1000", "next=MS4xLjkuNS4w", "since=-5&until=9999-12-31T23:59:59Z", "lane=r%2Fmembers&state=failed&body=1"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		filter, err := parseFilter(values)
		if err != nil {
			return
		}
		c := NewControl(nil, nil, &fake{}, nil)
		s, err := c.search(filter)
		if err != nil {
			return
		}
		if s.Limit < 1 || s.Limit > MaxLimit || s.From < 1 || s.To > maxSeq || s.After.Seq < s.From-1 || s.After.Seq > s.To+1 && s.From <= s.To {
			t.Fatalf("%q became %+v", text, s)
		}
	})
}

// FuzzEventID holds that what is read as an id is written as it was.
func FuzzEventID(f *testing.F) {
	f.Add("1400000001-abcdefgh-13")
	f.Add("0-abcdefgh-0")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseEventID(text)
		if err != nil {
			return
		}
		if id.String() != text {
			t.Fatalf("%q was read as %q", text, id)
		}
	})
}
