package gap

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"sync/atomic"
	"testing"

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
		switch n := r.dice.below(20); {
		case n < 10:
			r.change()
		case n < 15:
			r.backend.send()
		case n < 16:
			r.backend.redeliver()
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
		r.check(ctx, inbox)
	default:
		r.ignore(inbox.Reset(ctx))
	}
}

// check has an Inbox prove what is here, and compares what it says of the rest with what the sender knows.
func (r *run) check(ctx context.Context, inbox *callback.Inbox) {
	m := r.backend.(*model)
	log, settled := m.name, maps.Clone(m.sender.settled)
	report, err := inbox.Check(ctx)
	r.ignore(err)
	if err != nil || m.name != log {
		return
	}
	for _, missing := range report.Missing {
		before, after := settled[missing.Seq], m.sender.settled[missing.Seq]
		if missing.Late && before || !missing.Late && missing.Seq > 0 && !after {
			r.t.Errorf("seed %d: %+v, and it was settled before the question: %t, after it: %t", r.seed, missing, before, after)
		}
		if !missing.Late && missing.Seq > m.settledTo() {
			r.tally.add("lost though others wait")
		}
	}
	if len(report.Forgotten) > 0 { // a model keeps its dead letters
		r.t.Errorf("seed %d: holes are forgotten that can be filled: %+v", r.seed, report.Forgotten)
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
