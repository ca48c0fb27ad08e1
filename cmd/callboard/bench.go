package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/callboard/callboard/internal/bench"
)

type benchCommand struct {
	Scenario []string      `help:"Scenarios to play, separated by commas: ${bench_scenarios} (default: all but mixed, held-transaction and numbering; the last two are PostgreSQL's)." placeholder:"NAME"`
	Database []string      `help:"Stores to measure, separated by commas: sqlite:FOLDER, where a folder of its own is made and removed, or postgres://USER@HOST/DB, beside which databases of their own are (default: SQLite in the folder for temporary files)." placeholder:"URL"`
	Repeat   int           `help:"How often each measurement is made (default: as each scenario needs, 3 or 5)." placeholder:"N"`
	For      time.Duration `help:"How long the load of mixed and of held-transaction lasts (default: 1h, 10m)." placeholder:"DURATION"`
	Quick    bool          `help:"Scale everything down to seconds: it shows that all works, and measures nothing."`
	JSON     string        `name:"json" help:"Also write the report to this file." placeholder:"FILE" type:"path"`
	Profile  string        `help:"Also write a CPU profile of each server under test into this folder, for go tool pprof." placeholder:"FOLDER" type:"path"`
	Verbose  bool          `help:"Tell on stderr what is being measured." short:"v"`
}

// benchScenarios is the list in the help of the command.
func benchScenarios() string { return strings.Join(bench.Scenarios(), ", ") }

var errBenchProblems = errors.New("what was measured is not right; see the problems below the table")

// Run plays the scenarios and prints the table, also when a scenario broke off. A bar that is missed is no error: the
// table says so.
func (c *benchCommand) Run(ctx context.Context, std streams) error {
	opt := bench.Options{
		Scenarios: c.Scenario, Databases: c.Database, Repeat: c.Repeat, For: c.For, Quick: c.Quick, Version: version(),
	}
	if c.Profile != "" {
		if err := os.MkdirAll(c.Profile, 0o700); err != nil {
			return err
		}
		opt.Profiles = c.Profile
	}
	if c.Verbose {
		opt.Log = slog.New(slog.NewTextHandler(std.err, nil))
	}
	report, err := bench.Run(ctx, opt)
	if report == nil {
		return err
	}
	err = errors.Join(err, report.WriteTable(std.out), c.write(report))
	if len(report.Problems) > 0 {
		err = errors.Join(err, errBenchProblems)
	}
	return err
}

func (c *benchCommand) write(report *bench.Report) error {
	if c.JSON == "" {
		return nil
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return os.WriteFile(c.JSON, append(text, '\n'), 0o600)
}

// benchChildCommand is a part of a measurement that has to be a process of its own.
type benchChildCommand struct {
	Kind string `arg:""`
}

// Run does what the line on stdin says.
func (c *benchChildCommand) Run(ctx context.Context, std streams) error {
	return bench.Child(ctx, c.Kind, os.Stdin, std.out)
}
