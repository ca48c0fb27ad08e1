package egress

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes every test of the package one of leaks: each closes its senders and servers.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
