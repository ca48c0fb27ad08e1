// Command callboard is a self-hosted Live backend: it holds live rooms and their administrators, speaks the server
// REST API of Tencent RTC Live, and tells the App backend about every change by callback.
//
// There is one file per command. Exit code 0: done; 1: it could not be done, and stderr says what to do next; 80: the
// command line is wrong, and stderr has the usage.
package main

import (
	"context"
	"fmt"
	"io"
	stdlog "log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/callboard/callboard/internal/config"
)

// cli is the command line. Its names are fixed: scripts rely on them.
type cli struct {
	Serve   serveCommand   `cmd:"" help:"Run the backend."`
	Demo    demoCommand    `cmd:"" help:"Show the main job: an administrator changes, and the App backend is told."`
	Usersig usersigCommand `cmd:"" help:"Print a UserSig."`
	Config  configCommand  `cmd:"" help:"Work with the config file."`
	Migrate migrateCommand `cmd:"" help:"Move the schema of the database up to this version."`
	NewLog  newLogCommand  `cmd:"" help:"Give logs other ids: after a restore, or a failover that may have lost commits."`
	Bench   benchCommand   `cmd:"" help:"Measure how fast callbacks are delivered, beside what this machine can do at all."`
	Version versionCommand `cmd:"" help:"Print the version."`

	Why        whyCommand        `cmd:"" help:"Say why a callback has not arrived, or when it did."`
	Deliveries deliveriesCommand `cmd:"" help:"List attempts to deliver callbacks."`
	Dead       deadCommand       `cmd:"" help:"List dead letters: callbacks that were given up."`
	Redeliver  redeliverCommand  `cmd:"" help:"Send callbacks again."`
	Pause      pauseCommand      `cmd:"" help:"Send nothing until resume; everything is kept."`
	Resume     resumeCommand     `cmd:"" help:"End a pause."`
	Discard    discardCommand    `cmd:"" help:"Discard callbacks that wait, or cancel a redelivery."`

	BenchChild benchChildCommand `cmd:"" hidden:""`
}

func main() {
	restrictFiles()
	// net/http writes what a peer sent on an idle connection to the standard log; nothing of ours goes there.
	stdlog.SetOutput(io.Discard)
	var c cli
	parser := kong.Must(&c,
		kong.Name("callboard"),
		kong.Description("A self-hosted Live backend: rooms, administrators, and callbacks that are not lost."),
		kong.UsageOnError(),
		kong.Vars{"default_listen": config.DefaultListen, "default_database": config.DefaultDatabase, "bench_scenarios": benchScenarios()},
		kong.BindSingletonProvider(untilSignal),
		kong.Bind(streams{out: os.Stdout, err: os.Stderr}),
	)
	parsed, err := parser.Parse(os.Args[1:])
	if err != nil {
		parser.Stdout = os.Stderr // the usage that is shown with a mistake is no result
		parser.FatalIfErrorf(err)
	}
	if err := parsed.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "callboard: %v\n", err)
		os.Exit(1)
	}
}

// untilSignal returns a context that SIGTERM or SIGINT ends; the next signal ends the process. It is made only for
// commands whose Run takes a context: a signal ends the others at once, whatever they are doing.
func untilSignal() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
}

// streams are where a command prints: results to out, everything else to err.
type streams struct{ out, err io.Writer }

// logFlags are the flags of commands that run a server.
type logFlags struct {
	LogLevel  slog.Level `help:"Least level that is logged: debug, info, warn, error." default:"info" env:"CALLBOARD_LOG_LEVEL"`
	LogFormat string     `help:"Form of the log: text or json." enum:"text,json" default:"text" env:"CALLBOARD_LOG_FORMAT"`
}

func (f logFlags) logger(w io.Writer) *slog.Logger {
	opt := &slog.HandlerOptions{Level: f.LogLevel}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}
