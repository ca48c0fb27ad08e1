package crash

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/pgtest"
)

// postgres is the database of a campaign: a server of its own, and a proxy between it and the binary.
type postgres struct {
	server *pgtest.Server
	proxy  *pgtest.Proxy
	name   string // of the database

	deck   []fault // those that are still to be drawn before all are drawn again
	struck map[string]int
	// How long it took at most, after the server was well again, until a change was answered OK and until a callback of a
	// change made since was accepted.
	answered, delivered time.Duration
}

func startPostgres(t *testing.T) *postgres {
	t.Helper()
	server := pgtest.Start(t)
	address := server.NewDatabase(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return &postgres{
		server: server, proxy: pgtest.NewProxy(t, address), name: strings.TrimPrefix(u.Path, "/"), struck: map[string]int{},
	}
}

// quiet waits until nobody is connected to the database: a COMMIT that a process had sent before it ended was made or never
// will be.
func (p *postgres) quiet(ctx context.Context, t *testing.T) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for len(p.server.Backends(t, p.name)) > 0 {
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Error("PostgreSQL still serves a process that has ended")
			return
		}
	}
}

func (p *postgres) describe() string {
	return fmt.Sprintf("faults: %v; once the database was well, a change was answered OK after %s at most, and a callback accepted after %s",
		p.struck, p.answered.Round(time.Millisecond), p.delivered.Round(time.Millisecond))
}
