package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Options of [Run]. The zero value plays every scenario that is not too long for it, on SQLite in the folder for temporary
// files.
type Options struct {
	// Scenarios to play, in this order; none: those of [Standard]. See [Scenarios].
	Scenarios []string
	// Databases are sqlite:FOLDER or postgres://USER@HOST/DB, measured one after the other. In the folder, one of its own is
	// made and removed again; on the server, databases of their own, for which the role needs CREATEDB. None: SQLite in the
	// folder for temporary files.
	Databases []string
	// Repeat is how often each measurement is made. 0: as often as the scenario needs, 5 times where its bar is the
	// median of pairs; in a quick run once.
	Repeat int
	// Quick scales everything down to seconds: it shows that all works, and measures nothing.
	Quick bool
	// For is how long the load of mixed or held-transaction lasts. 0: an hour, or ten minutes; in a quick run seconds.
	For time.Duration
	// Profiles is an existing folder that gets a CPU profile of each server under test; empty: none is taken. Taking one
	// costs the server a few percent.
	Profiles string
	// Executable is a program that runs serve and [Child] as the command line does. Empty: the one that runs.
	Executable string
	// Version is printed with the figures.
	Version string
	// Log gets the progress; nil: nobody.
	Log *slog.Logger
}

// collect spares the processor: the process that measures keeps no garbage worth collecting at once, and what its
// collector takes is missing to what is measured.
const collect = 400

// Run plays the scenarios. The report holds what was measured, also when the error is not nil: then a scenario broke off.
// Problems of the report, such as a lost callback, are no error here.
func Run(ctx context.Context, opt Options) (*Report, error) {
	if err := opt.fill(); err != nil {
		return nil, err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(collect))
	report := &Report{Started: time.Now(), Version: opt.Version, Quick: opt.Quick, Machine: thisMachine(), Figures: []Figure{}, Problems: []string{}}
	for _, database := range opt.Databases {
		if err := runOn(ctx, &opt, database, report); err != nil {
			return report, err
		}
	}
	report.compare(opt.Scenarios)
	return report, nil
}

func (o *Options) fill() error {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if len(o.Scenarios) == 0 {
		o.Scenarios = Standard()
	}
	for _, name := range o.Scenarios {
		if scenarios[name] == nil {
			return fmt.Errorf("there is no scenario %q; there are %s", name, strings.Join(Scenarios(), ", "))
		}
		if slices.Contains(onlyPostgres, name) && !slices.ContainsFunc(o.Databases, isPostgres) {
			return fmt.Errorf("the scenario %s is one of PostgreSQL; name a database postgres://USER@HOST/DB", name)
		}
	}
	if len(o.Databases) == 0 {
		o.Databases = []string{sqliteScheme + os.TempDir()}
	}
	for i, database := range o.Databases {
		if err := checkDatabase(database); err != nil {
			return fmt.Errorf("the database number %d cannot be measured; %w", i+1, err)
		}
	}
	if o.Repeat < 0 {
		return errors.New("repeat is below 0; use 1 or more, or 0 for what each scenario needs")
	}
	if o.For < 0 || o.For > 0 && o.For < shortestMix {
		return fmt.Errorf("a load of %v is too short; use %v or more", o.For, shortestMix)
	}
	if o.Executable != "" {
		return nil
	}
	var err error
	o.Executable, err = os.Executable()
	return err
}

func runOn(ctx context.Context, opt *Options, database string, report *Report) (err error) {
	l, err := newLab(ctx, opt, database, report)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	for _, name := range opt.Scenarios {
		if l.kind != kindPostgres && slices.Contains(onlyPostgres, name) {
			continue
		}
		l.scenario = name
		l.log.Info("a scenario begins", "scenario", name)
		if err := scenarios[name](ctx, l); err != nil {
			return fmt.Errorf("scenario %s: %w", name, err)
		}
		if err := l.forget(); err != nil {
			return err
		}
	}
	return nil
}
