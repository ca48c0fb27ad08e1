package delivery_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes every test one of leaks: whoever starts a dispatcher, an engine or a store ends it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
