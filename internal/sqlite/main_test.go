package sqlite

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes every test of the package one of leaks: each closes its stores.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
