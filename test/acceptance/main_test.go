//go:build unix

package acceptance

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

const (
	sdkAppID      = 1400000001
	administrator = "administrator"

	// patience is how long a test waits for what must come. It is long: a slow machine is no fault.
	patience = 30 * time.Second
	// stopLimit is the promise: SIGTERM and SIGINT end a process within it.
	stopLimit = 10 * time.Second
)

// binary is the callboard that the tests run.
var binary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "callboard-acceptance-")
	if err != nil {
		fatal(err)
	}
	code, err := run(m, folder)
	if err := errors.Join(err, os.RemoveAll(folder)); err != nil {
		fatal(err)
	}
	os.Exit(code)
}

func run(m *testing.M, folder string) (int, error) {
	// Another user starts the binary in one test.
	if err := os.Chmod(folder, 0o755); err != nil {
		return 1, err
	}
	binary = filepath.Join(folder, "callboard")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "../../cmd/callboard")
	if text, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("build callboard: %w\n%s", err, text)
	}
	if code := m.Run(); code != 0 {
		return code, nil
	}
	return 0, goleak.Find()
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// environment is that of the tests without what would change the binary's settings, and with more.
func environment(more ...string) []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "CALLBOARD_") {
			kept = append(kept, entry)
		}
	}
	return append(kept, more...)
}
