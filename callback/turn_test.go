package callback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"
)

// aReset begins a reset in a replica of its own and returns when it reads the snapshot. It goes on when goOn is called and has
// ended when that returns.
func aReset(t *testing.T, p place) (resetting *backend, goOn func() error) {
	t.Helper()
	s := newer()
	reached, proceed, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	usual := s.snapshot
	s.snapshot = func(after string) (int, string) {
		if after != "" { // the first page is here, and all numbers are cleared
			close(reached)
			<-proceed
		}
		return usual(after)
	}
	b := p.backend(t, s)
	go func() { ended <- b.Reset(context.WithoutCancel(t.Context())) }()
	select {
	case <-reached:
	case err := <-ended:
		t.Fatalf("the reset ended before it read the second page: %v", err)
	}
	return b, func() error {
		close(proceed)
		return <-ended
	}
}

func TestNoReplicaWaitsForAResetOfAnother(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		first bool // nothing is stored yet
	}{{"at the first contact", true}, {"later", false}} {
		t.Run(tt.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, p place) {
				other := p.backend(t, fresh())
				if !tt.first {
					other.receive(callbackOf(1, 0))
				}
				_, goOn := aReset(t, p)
				*other.Feed.Client.Transport.(*server) = *newer()
				for name, try := range map[string]func() error{
					"Receive":                func() error { return other.Receive(t.Context(), ofOther(8, 6)) },
					"Receive of another log": func() error { return other.Receive(t.Context(), callbackOf(2, 1)) },
				} {
					began := time.Now()
					err := try()
					if took := time.Since(began); took > 3*time.Second {
						t.Errorf("%s took %v", name, took)
					}
					want := map[Dialect]error{PostgreSQL: errResetting, SQLite: errBusy}[p.dialect]
					if told := (*Error)(nil); !errors.As(err, &told) || !errors.Is(err, want) {
						t.Errorf("%s = %v, want %v", name, err, want)
					}
				}
				if p.dialect == PostgreSQL { // one of SQLite waits as long as its program says
					if err := other.Reset(t.Context()); !errors.Is(err, errResetting) {
						t.Errorf("another Reset = %v, want that one is under way", err)
					}
					if err := other.advance(t.Context(), testLog, 9); err != nil {
						t.Errorf("advance = %v", err)
					}
				}
				if in := other.DB.Stats().InUse; in != 0 {
					t.Errorf("%d connections are in use by who does not wait", in)
				}
				if err := goOn(); err != nil {
					t.Errorf("Reset = %v", err)
				}
				other.receive(ofOther(8, 6))
			})
		})
	}
}

func TestAReplicaThatDiesInAResetLeavesEverythingAsItWas(t *testing.T) {
	onBoth(t, func(t *testing.T, p place) {
		other := p.backend(t, fresh())
		other.receive(callbackOf(1, 0))
		s := newer()
		life, die := context.WithCancel(t.Context())
		s.snapshot = func(after string) (int, string) {
			if after != "" {
				die()
			}
			return twoPages(after)
		}
		if err := p.backend(t, s).Reset(life); err == nil {
			t.Error("Reset = nil though it died half way")
		}
		// A database server may need a moment to notice, in which the callback is answered FAIL, and sent again.
		err := other.Receive(t.Context(), callbackOf(2, 1))
		for deadline := time.Now().Add(10 * time.Second); errors.Is(err, errResetting) && time.Now().Before(deadline); {
			err = other.Receive(t.Context(), callbackOf(2, 1))
		}
		if err != nil {
			t.Errorf("Receive = %v", err)
		}
		other.wantHanded("r1 1, r1 2")
		*other.Feed.Client.Transport.(*server) = *newer()
		other.receive(ofOther(8, 6))
		other.wantHanded("r1 1, r1 2, snapshot of r1, snapshot of r2, snapshot of r3, r1 8")
	})
}

// A replica that is frozen in a reset, or whose machine is gone, is heard of no more and has the locks.
func TestPostgreSQLEndsAResetOfWhichNothingIsHeard(t *testing.T) {
	p := inPostgreSQL(t)
	frozen := p.backend(t, newer())
	var limit string
	frozen.OnSnapshot = func(ctx context.Context, tx *sql.Tx, rooms iter.Seq2[Room, error]) error {
		if err := tx.QueryRowContext(ctx, `SHOW idle_in_transaction_session_timeout`).Scan(&limit); err != nil {
			return err
		}
		// So that the test does not take a minute.
		if _, err := tx.ExecContext(ctx, `SELECT set_config('idle_in_transaction_session_timeout', '100ms', true)`); err != nil {
			return err
		}
		other := p.backend(t, newer())
		for deadline := time.Now().Add(10 * time.Second); ; { // the database ends the transaction meanwhile
			err := other.Receive(ctx, ofOther(8, 6))
			if err == nil {
				break
			}
			if !errors.Is(err, errResetting) || time.Now().After(deadline) {
				t.Errorf("Receive = %v", err)
				break
			}
		}
		return count(ctx, tx, rooms)
	}
	if err := frozen.Reset(t.Context()); err == nil {
		t.Error("the Reset of the frozen replica = nil, want that it lost its transaction")
	}
	if limit != "1min" {
		t.Errorf("the limit of a transaction of which nothing is heard = %s, want 1min", limit)
	}
	frozen.OnSnapshot = nil
	frozen.receive(ofOther(8, 6))
	frozen.wantHanded("snapshot of r1, snapshot of r2, snapshot of r3, r1 8")
}

func TestAResetWaitsForCallbacksThatAreUnderWay(t *testing.T) {
	onBoth(t, func(t *testing.T, p place) {
		slow := p.backend(t, fresh())
		slow.receive(callbackOf(1, 0))
		under, proceed, ended := make(chan struct{}), make(chan struct{}), make(chan error)
		slow.seen = func(*Delivery) {
			close(under)
			<-proceed
		}
		go func() { ended <- slow.Receive(t.Context(), callbackOf(2, 1)) }()
		<-under
		done := make(chan error)
		other := p.backend(t, newer())
		go func() { done <- other.Reset(t.Context()) }()
		select {
		case err := <-done:
			t.Errorf("Reset = %v while a callback was under way", err)
		case <-time.After(50 * time.Millisecond):
		}
		close(proceed)
		if err := <-ended; err != nil {
			t.Errorf("Receive = %v", err)
		}
		if err := <-done; err != nil {
			t.Errorf("Reset = %v", err)
		}
		other.wantHanded("r1 1, r1 2, snapshot of r1, snapshot of r2, snapshot of r3")
	})
}

// When callbacks take their time there is always one under way.
func TestNoCallbackPassesByAResetThatWaits(t *testing.T) {
	p := inPostgreSQL(t)
	slow := p.backend(t, fresh())
	slow.receive(callbackOf(1, 0))
	under, proceed, ended, done := make(chan struct{}), make(chan struct{}), make(chan error, 1), make(chan error, 1)
	slow.seen = func(*Delivery) {
		close(under)
		<-proceed
	}
	go func() { ended <- slow.Receive(t.Context(), callbackOf(2, 1)) }()
	<-under
	go func() { done <- p.backend(t, newer()).Reset(context.WithoutCancel(t.Context())) }()
	quick := p.backend(t, fresh())
	err := error(nil)
	for n, deadline := int64(3), time.Now().Add(5*time.Second); err == nil && time.Now().Before(deadline); n++ {
		d := callbackOf(1, 0)
		d.Lane, d.Seq = fmt.Sprintf("r%d", n), n
		err = quick.Receive(t.Context(), d)
	}
	if !errors.Is(err, errResetting) {
		t.Errorf("Receive = %v while a reset waited, want that one is under way", err)
	}
	close(proceed)
	if err := errors.Join(<-ended, <-done); err != nil {
		t.Errorf("Receive and Reset = %v", err)
	}
}

func TestACallbackWaitsForAConnectionForTwoSecondsAtMost(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, p place) {
		b := p.backend(t, fresh())
		b.receive(callbackOf(1, 0))
		b.DB.SetMaxOpenConns(1)
		taken, err := b.DB.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		began := time.Now()
		if err := b.Receive(t.Context(), callbackOf(2, 1)); !errors.Is(err, errBusy) {
			t.Errorf("Receive = %v, want that the database is busy", err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("Receive took %v", took)
		}
	})
}
