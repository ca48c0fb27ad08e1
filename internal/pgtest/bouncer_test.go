package pgtest

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestBouncerLendsConnectionsForTransactions(t *testing.T) {
	t.Parallel()
	// Prepared statements live in a connection to the server, which a client has for one transaction.
	url := Bouncer(t, Database(t)) + "&default_query_exec_mode=exec"
	const clients = 4 * bouncerPool
	served := map[int]bool{}
	var one *pgx.Conn
	for range clients { // more clients than connections: each stays
		one = connect(t, url)
		served[ask[int](t, one, "SELECT pg_backend_pid()")] = true
	}
	if len(served) > bouncerPool {
		t.Errorf("%d backends serve %d clients, want at most %d", len(served), clients, bouncerPool)
	}
	run(t, one, "BEGIN")
	pid := "SELECT pg_backend_pid()"
	if first, second := ask[int](t, one, pid), ask[int](t, one, pid); first != second {
		t.Errorf("one transaction is served by %d and %d", first, second)
	}
	run(t, one, "COMMIT")
}

func TestBouncerStandsBeforeAServerThatStartsAgain(t *testing.T) {
	t.Parallel()
	s := Start(t)
	url := Bouncer(t, s.URL(adminDatabase))
	s.Stop(t, Fast)
	s.StartAgain(t)
	eventually(t, "clients are served again", func() bool { return answers(url) })
}
