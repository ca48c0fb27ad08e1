package bench

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"
)

// filled returns the folder of a database that was filled as asked.
func filled(t *testing.T, spec fillSpec) string {
	t.Helper()
	folder := t.TempDir()
	spec.Timeout = defaultTimeout
	order, err := json.Marshal(fillOrder{fillSpec: spec, Database: sqliteDatabase{folder}.url(), URLs: []string{"http://127.0.0.1:9/callback"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := runFill(context.WithoutCancel(t.Context()), order, json.NewEncoder(io.Discard)); err != nil {
		t.Fatal(err)
	}
	return folder
}

func openFilled(t *testing.T, folder string) *sqlite3.Conn {
	t.Helper()
	c, err := sqlite3.OpenFlags(sqliteDatabase{folder}.path(), sqlite3.OPEN_READWRITE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func number64(t *testing.T, c *sqlite3.Conn, sql string) (n int64) {
	t.Helper()
	s, _, err := c.Prepare(sql)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Step() {
		n = s.ColumnInt64(0)
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSettledFillIsOldAndHasAnAttemptForEachCallback(t *testing.T) {
	spec := fillSpec{Apps: 2, Rooms: 5, Callbacks: 20, Settled: time.Hour}
	c := openFilled(t, filled(t, spec))
	for sql, want := range map[string]int64{
		`SELECT count(*) FROM log`: spec.rows(),
		`SELECT count(*) FROM log JOIN attempts USING (app, seq) WHERE callback`:        40,
		`SELECT count(*) FROM readers WHERE done = 25 AND beyond = ''`:                  2,
		`SELECT max(room_seq) FROM log`:                                                 spec.past().lane,
		`SELECT max(seq) FROM log`:                                                      spec.past().seq,
		`SELECT count(*) FROM log WHERE time > (unixepoch() - 3500) * 1000`:             0,
		`SELECT count(*) FROM rooms WHERE doc LIKE '%x%' AND doc LIKE '%dministrat%x%'`: 0,
	} {
		if got := number64(t, c, sql); got != want {
			t.Errorf("%s: got %d, want %d", sql, got, want)
		}
	}
}

func TestPurgeWatchSeesRowsLeave(t *testing.T) {
	folder := filled(t, fillSpec{Apps: 2, Rooms: 5, Callbacks: 20, Settled: time.Hour})
	c := openFilled(t, folder)
	w, err := watchPurge(t.Context(), sqliteDatabase{folder}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`DELETE FROM log WHERE app = 1400000001 AND seq <= 7`,
		`DELETE FROM log WHERE app = 1400000002; UPDATE apps SET floor_seq = 25 WHERE app = 1400000002`,
	} {
		if err := c.Exec(sql); err != nil {
			t.Fatal(err)
		}
		if err := w.look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, l := range w.looks {
		got = append(got, l.gone)
	}
	if diff := cmp.Diff([]int64{0, 7, 32}, got); diff != "" {
		t.Errorf("rows gone at each look (-want +got):\n%s", diff)
	}
}

func TestPurgeIsCountedInTheTimeThatIsAsked(t *testing.T) {
	begun := time.Now()
	w := &purgeWatch{}
	for second, gone := range []int64{0, 0, 10, 30, 30, 60} {
		w.looks = append(w.looks, purgeLook{begun.Add(time.Duration(second) * time.Second), gone})
	}
	second := func(n int) time.Time { return begun.Add(time.Duration(n) * time.Second) }
	rows, took := w.between(second(2), second(4))
	if rows != 20 || took != time.Second {
		t.Errorf("between 2 s and 4 s: %d rows in %v, want 20 in 1s", rows, took)
	}
	if rows, took = w.between(second(0), second(9)); rows != 60 || took != 3*time.Second {
		t.Errorf("in all: %d rows in %v, want 60 in 3s", rows, took)
	}
}

func TestFloodInWhichNothingWasPurgedIsAProblemAndHasNoRate(t *testing.T) {
	begun := time.Now()
	f := flooded{rate: 100, began: begun, ended: begun.Add(10 * time.Second)}
	watched := func(gone ...int64) *purgeWatch {
		w := &purgeWatch{}
		for i, n := range gone {
			w.looks = append(w.looks, purgeLook{begun.Add(time.Duration(i) * time.Second), n})
		}
		return w
	}
	cases := []struct {
		name    string
		gone    []int64
		purges  bool
		problem string
		rate    []float64
	}{
		{"purged", []int64{0, 50, 150}, true, "", []float64{75}},
		{"nothing purged", []int64{7, 7}, true, "nothing was purged", nil},
		{"kept", []int64{0, 0}, false, "", nil},
		{"not kept", []int64{0, 3}, false, "3 rows were purged", nil},
	}
	for _, c := range cases {
		var s purgeSeries
		got := s.add(f, watched(c.gone...), c.purges)
		if (got == "") != (c.problem == "") || !strings.Contains(got, c.problem) {
			t.Errorf("%s: problem %q, want %q", c.name, got, c.problem)
		}
		if diff := cmp.Diff(c.rate, s.rate); diff != "" {
			t.Errorf("%s: purge rate (-want +got):\n%s", c.name, diff)
		}
		if got, want := math.IsNaN(s.flood[0]), c.problem == "nothing was purged"; got != want {
			t.Errorf("%s: the flood has no rate: %v, want %v", c.name, got, want)
		}
	}
}
