package gap

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/callback"
)

// site is the App backend's database, as its two replicas have opened it.
type site struct {
	dialect callback.Dialect
	open    func() (*sql.DB, error) // for one more
	pools   [2]*sql.DB
}

// run is a simulation of one seed.
type run struct {
	t       *testing.T
	seed    uint64
	dice    *dice
	site    *site
	backend backend
	proxy   *proxy
	mirror  mirror
	inboxes [2]*callback.Inbox
	watch   *watch
	calm    atomic.Bool // nothing fails any more
	depth   int         // of requests to the feed within each other
	renew   bool        // the log becomes another one during the next request
	blind   atomic.Bool // switches were off: the mirror may be wrong
	tally   *tally

	rooms          int      // how many names of rooms there are
	token, feed    string   // of Sign, and of the feed
	signingSecrets []string // of the signatures; without, there are none
}

// steps is how many things happen before all becomes calm.
const steps = 160

func newRun(t *testing.T, s *site, seed uint64, tally *tally) *run {
	app := uint32(seed + 1)
	r := &run{t: t, seed: seed, dice: newDice(seed), site: s, mirror: mirror{int64(app)}, tally: tally, rooms: 6, feed: "secret"}
	r.proxy = &proxy{dice: r.dice, replicas: r.handlers}
	r.backend = newModel(app, r.dice, r.proxy, r.during)
	r.watch = &watch{RoundTripper: r.backend}
	for n := range r.inboxes {
		r.start(n)
	}
	return r
}

// start begins the life of a replica: it remembers nothing.
func (r *run) start(n int) { r.inboxes[n] = r.inbox(r.site.pools[n], r.watch) }

// inbox is one that reads the feed by a transport.
func (r *run) inbox(db *sql.DB, feed http.RoundTripper) *callback.Inbox {
	return &callback.Inbox{
		SDKAppID: r.backend.app(), DB: db, Dialect: r.site.dialect,
		Feed:       callback.Feed{URL: nowhere, Token: r.feed, Client: &http.Client{Transport: feed}},
		OnCallback: r.onCallback, OnSnapshot: r.onSnapshot, Mirror: r.mirror.one, OnMismatch: r.onMismatch,
		ErrorLog: slog.New(slog.DiscardHandler),
	}
}

func (r *run) handlers() []http.Handler {
	var list []http.Handler
	for _, inbox := range r.inboxes {
		list = append(list, r.handler(inbox))
	}
	return list
}

// handler is the App backend of an Inbox.
func (r *run) handler(inbox *callback.Inbox) http.Handler {
	return &callback.Handler{
		SDKAppID: r.backend.app(), Token: r.token, SigningSecrets: r.signingSecrets, ErrorLog: slog.New(slog.DiscardHandler),
		OnAny: func(ctx context.Context, d callback.Delivery) error {
			err := inbox.Receive(ctx, d)
			if err == nil && d.Log == r.backend.log() {
				r.wantHere(ctx, d)
			}
			return err
		},
	}
}

// wantHere fails the test when a callback of the current log was answered OK and is not here.
func (r *run) wantHere(ctx context.Context, d callback.Delivery) {
	var found int
	err := r.site.pools[0].QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM journal WHERE app = $1 AND log = $2 AND lane = $3 AND room_seq = $4) +
		(SELECT count(*) FROM base WHERE app = $1 AND log = $2 AND (lane = $3 AND number >= $4 OR lane = '' AND number >= $5))`,
		r.mirror.app, d.Log, d.Lane, d.RoomSeq, d.Seq).Scan(&found)
	switch {
	case err != nil && ctx.Err() == nil && !r.site.busy(err):
		r.t.Errorf("seed %d: %v", r.seed, err)
	case err == nil && found == 0:
		r.t.Errorf("seed %d: %s %d was answered OK and is not here", r.seed, d.Lane, d.RoomSeq)
	}
}

// errRefused is an App backend that does not accept a callback, this time or ever.
var errRefused = errors.New("refused")

func (r *run) onCallback(ctx context.Context, tx *sql.Tx, d callback.Delivery) error {
	err := r.inOrder(ctx, tx, d)
	refused := r.refuses(d)
	if early := r.dice.oneIn(2); err != nil || refused && early { // before it has written anything
		return errors.Join(err, errRefused)
	}
	if err := r.mirror.apply(ctx, tx, d); err != nil {
		if ctx.Err() == nil && !r.site.busy(err) {
			r.t.Errorf("seed %d: apply %s %d: %v", r.seed, d.Lane, d.RoomSeq, err)
		}
		return err
	}
	r.tally.add("handed over")
	if d.Late {
		r.tally.add("holes filled")
	}
	switch {
	case refused: // after it has written everything
		return errRefused
	case !r.calm.Load() && r.dice.oneIn(60):
		panic("the App backend has a bug")
	}
	return nil
}

// refuses tells whether the App backend does not want a callback now.
func (r *run) refuses(d callback.Delivery) bool {
	switch {
	case r.calm.Load():
		return false
	case r.poisonous(d):
		r.tally.add("refused for good")
		return true
	}
	return r.dice.oneIn(12)
}

// poisonous callbacks are refused until all is calm.
func (r *run) poisonous(d callback.Delivery) bool {
	h := fnv.New32a()
	fmt.Fprint(h, r.seed, d.Lane, d.RoomSeq)
	return h.Sum32()%20 == 0
}

// inOrder fails the test when a callback is handed over twice, too early, or though the snapshot has it.
func (r *run) inOrder(ctx context.Context, tx *sql.Tx, d callback.Delivery) error {
	var last sql.NullInt64
	var same int
	err := tx.QueryRowContext(ctx, `SELECT max(room_seq), count(CASE WHEN room_seq = $1 THEN 1 END) FROM journal
		WHERE app = $2 AND log = $3 AND lane = $4`, d.RoomSeq, r.mirror.app, d.Log, d.Lane).Scan(&last, &same)
	switch {
	case err != nil:
		return err
	case same > 0:
		r.t.Errorf("seed %d: %s %d was handed over twice", r.seed, d.Lane, d.RoomSeq)
	case d.RoomSeq < last.Int64 && !d.Late:
		r.t.Errorf("seed %d: %s %d was handed over after %d", r.seed, d.Lane, d.RoomSeq, last.Int64)
	case d.RoomSeq > last.Int64 && d.Late:
		r.t.Errorf("seed %d: %s %d is the newest of its lane and called late", r.seed, d.Lane, d.RoomSeq)
	}
	var base int
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM base
		WHERE app = $1 AND log = $2 AND (lane = $3 AND number >= $4 OR lane = '' AND number >= $5)`,
		r.mirror.app, d.Log, d.Lane, d.RoomSeq, d.Seq).Scan(&base)
	if base > 0 {
		r.t.Errorf("seed %d: %s %d was handed over, and was in the snapshot", r.seed, d.Lane, d.RoomSeq)
	}
	return err
}

func (r *run) onSnapshot(ctx context.Context, tx *sql.Tx, rooms iter.Seq2[callback.Room, error]) error {
	r.tally.add("snapshots")
	if !r.calm.Load() && r.dice.oneIn(10) {
		return errRefused
	}
	log, opened := r.watch.position()
	return r.mirror.replace(ctx, tx, rooms, log, opened)
}

// onMismatch fails the test when nothing explains it.
func (r *run) onMismatch(ctx context.Context, tx *sql.Tx, m callback.Mismatch) error {
	r.tally.add("mismatches")
	var holes int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM callboard_hole WHERE app = $1 AND lane = $2`,
		r.mirror.app, m.Delivery.Lane).Scan(&holes); err != nil {
		return err
	}
	announced := m.Delivery.Skipped != ""
	if holes == 0 && !announced && !r.blind.Load() && m.Delivery.Log == r.backend.log() {
		r.t.Errorf("seed %d: room %s at %d is %s %v, and no callback is missing", r.seed, m.RoomID, m.Delivery.RoomSeq, m.Owner, m.Administrators)
	}
	return nil
}

// during is what happens while a replica waits for the feed.
func (r *run) during() {
	if r.depth >= 3 || r.calm.Load() {
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	if r.renew {
		r.renew = false
		r.backend.renew()
	}
	for range r.dice.below(4) {
		switch n := r.dice.below(10); {
		case n < 5:
			r.change()
		case n < 8:
			r.backend.send()
		default:
			r.proxy.flush()
		}
	}
}

func (r *run) change() { r.changeBy(r.dice) }

func (r *run) changeBy(dice *dice) {
	kinds := []kind{create, create, create, destroy, giveOwner, addAdministrator, addAdministrator, addAdministrator,
		deleteAdministrator, deleteAdministrator, enter}
	r.backend.change(change{
		kind:    kinds[dice.below(len(kinds))],
		room:    fmt.Sprintf("room-%d", dice.below(r.rooms)),
		account: callback.Account(fmt.Sprintf("user%d", dice.below(7))),
	})
}

// step is one thing that happens.
func (r *run) step(ctx context.Context) {
	inbox := r.inboxes[r.dice.below(2)]
	switch n := r.dice.below(200); {
	case n < 80:
		r.change()
	case n < 170:
		r.backend.send()
	case n < 178:
		r.proxy.flush()
	case n < 182:
		r.backend.redeliver()
	case n < 184, n < 194 && r.seed%3 == 0:
		r.turn()
	case n < 187:
		r.backend.restart()
	case n < 191:
		r.start(r.dice.below(2))
	case n < 193:
		r.backend.forget()
	case n < 197:
		r.ignore(inbox.CatchUp(ctx))
	case n < 199:
		_, err := inbox.Check(ctx)
		r.ignore(err)
	default:
		r.ignore(inbox.Reset(ctx))
	}
}

// ignore is for what may fail as long as nothing is calm.
func (r *run) ignore(err error) {
	if err != nil {
		r.tally.add("failed")
	}
}

// turn switches a command off or on again. What changed while it was off no callback tells.
func (r *run) turn() {
	if r.seed%3 != 0 { // most runs know nothing of switches, so that their mirrors have no excuse
		return
	}
	commands := []callback.Command{callback.CommandAfterModifyAdmin, callback.CommandAfterChangeOwner, callback.CommandAfterCreateRoom, callback.CommandAfterDestroyRoom}
	r.backend.turn(commands[r.dice.below(len(commands))], r.dice.oneIn(2))
	r.blind.Store(true)
}

// play runs the simulation and compares.
func (r *run) play(ctx context.Context) {
	backup, renew := r.dice.below(steps/2), steps/2+r.dice.below(steps/4)
	for n := range steps {
		switch n {
		case backup:
			r.backend.backup()
		case renew:
			if r.renew = r.dice.oneIn(2); !r.renew {
				r.backend.renew()
			}
		}
		r.step(ctx)
	}
	r.settle()
	r.compare(ctx)
}

// settle makes everything calm, lets what waits arrive, and has sent again what was given up.
func (r *run) settle() {
	r.calm.Store(true)
	r.proxy.settle()
	r.backend.settle()
	for n := 0; !r.backend.idle(); n++ {
		r.backend.send()
		if n > 5000 {
			r.t.Fatalf("seed %d: the backend does not come to rest", r.seed)
		}
	}
	for r.proxy.flush() {
	}
	for n := 0; r.backend.redeliver(); n++ {
		if n > 5000 {
			r.t.Fatalf("seed %d: redeliveries do not end", r.seed)
		}
	}
}

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
