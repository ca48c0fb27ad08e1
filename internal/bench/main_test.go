package bench

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/callboard/callboard/internal/config"
	callboard "github.com/callboard/callboard/internal/server"
)

// TestMain makes the test binary the program under test: Run starts it as the command line would be.
func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case childCommand:
			exit(Child(ctx, os.Args[2], os.Stdin, os.Stdout))
		case "serve":
			exit(serveForTest(ctx, os.Args[3]))
		}
	}
	// A process with the race detector waits for a second at its end, and a run has many children.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		exit(err)
	}
	os.Exit(m.Run())
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serveForTest(ctx context.Context, file string) error {
	cfg, _, err := config.Load(config.Options{Path: file})
	if err != nil {
		return err
	}
	s, err := callboard.New(ctx, callboard.Options{Config: cfg, Log: slog.New(slog.NewJSONHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	return s.Run(ctx)
}
