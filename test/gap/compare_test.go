package gap

import (
	"context"
	"fmt"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// compare asks for the proof, and then looks for itself.
func (r *run) compare(ctx context.Context) {
	report, err := r.inboxes[0].Check(ctx)
	if err != nil {
		r.t.Fatalf("seed %d: Check: %v", r.seed, err)
	}
	if !report.Complete() || report.Waiting != 0 {
		r.t.Errorf("seed %d: report %+v, want it complete", r.seed, report)
	}
	if r.blind.Load() {
		if err := r.inboxes[1].Reset(ctx); err != nil {
			r.t.Fatalf("seed %d: Reset: %v", r.seed, err)
		}
	}
	got, err := r.mirror.all(ctx, r.site.pools[0])
	if err != nil {
		r.t.Fatal(err)
	}
	if diff := cmp.Diff(got, r.backend.rooms(), cmpopts.EquateEmpty()); diff != "" {
		r.t.Errorf("seed %d: rooms (-App backend +backend):\n%s", r.seed, diff)
	}
	r.complete(ctx)
}

// complete compares the journal with the log: each callback was handed over or was in the last snapshot.
func (r *run) complete(ctx context.Context) {
	handed, base := map[string]bool{}, map[string]int64{}
	key := func(lane string, n int64) string { return fmt.Sprint(lane, " ", n) }
	rows, err := r.site.pools[0].QueryContext(ctx, `SELECT lane, room_seq, 1 FROM journal WHERE app = $1 AND log = $2
		UNION ALL SELECT lane, number, 2 FROM base WHERE app = $1 AND log = $2`, r.mirror.app, r.backend.log())
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var lane string
		var n, table int64
		if err := rows.Scan(&lane, &n, &table); err != nil {
			r.t.Fatal(err)
		}
		if table == 1 {
			handed[key(lane, n)] = true
		} else {
			base[lane] = n
		}
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	for _, e := range r.backend.history() {
		if e.seq > base[""] && e.roomSeq > base[e.lane] && !handed[key(e.lane, e.roomSeq)] {
			r.t.Errorf("seed %d: callback %s %d was never handed over", r.seed, e.lane, e.roomSeq)
		}
	}
}
