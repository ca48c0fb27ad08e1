package engine_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes every test of the package one of leaks: each ends its engines and stores.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
