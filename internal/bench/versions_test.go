package bench

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/pgtest"
)

// What the bars of held-transaction rest on: a version that is dead is seen, in a partition and though it was cleaned up.
func TestVersionsAreCounted(t *testing.T) {
	p, err := newPostgresPlace(t.Context(), pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.create(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := made.drop(); err != nil {
			t.Error(err)
		}
	}()
	run := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if err := doPostgres(t.Context(), made.url(), statement, postgresLimit); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	run(`CREATE TABLE log (day integer, n integer) PARTITION BY RANGE (day)`,
		`CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (1) TO (2)`,
		`CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM (2) TO (3)`,
		`CREATE TABLE rooms (n integer)`, `CREATE TABLE held (n integer)`,
		`INSERT INTO log SELECT 1 + n % 2, n FROM generate_series(1, 10) AS n`, `INSERT INTO rooms VALUES (1)`,
		`UPDATE rooms SET n = 2`)
	h, err := openHold(t.Context(), made.url())
	if err != nil {
		t.Fatal(err)
	}
	defer h.end()
	run(`UPDATE log SET n = 0 WHERE n < 3`, `DELETE FROM log WHERE n = 3`, `INSERT INTO log VALUES (1, 11)`)
	if err := h.check(t.Context()); err != nil {
		t.Error(err)
	}
	got, err := made.(*postgresDatabase).versions(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]versions{"log": {dead: 3, changed: 3}, "rooms": {dead: 1, changed: 1}, "held": {}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(versions{})); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	// One that was not held sees what happened meanwhile, and is found out: 10 rows, less one, and one.
	if _, err := h.conn.Exec(t.Context(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	run(`INSERT INTO log VALUES (2, 12)`)
	if err := h.check(t.Context()); err == nil || !strings.Contains(err.Error(), "sees 11 rows, and saw 10") {
		t.Errorf("error %v, want one that says what it sees", err)
	}
}
