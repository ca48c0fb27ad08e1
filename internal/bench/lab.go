package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
)

// lab is where scenarios are played on one database: a folder, the receiver, and the report.
type lab struct {
	opt      *Options
	scale    scale
	log      *slog.Logger
	root     string // removed at the end
	receiver *receiver
	report   *Report
	scenario string // that is played
	// templates are filled databases that several measurements of a scenario begin with, each on a copy.
	templates map[fillSpec]string
	folders   int
	profiles  int
}

func newLab(opt *Options, folder string, report *Report) (*lab, error) {
	root, err := os.MkdirTemp(folder, "callboard-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the databases: %w", err)
	}
	l := &lab{opt: opt, scale: full, log: opt.Log, root: root, report: report, templates: map[fillSpec]string{}}
	if opt.Quick {
		l.scale = quick
	}
	disk, err := measureDisk(root, l.scale.syncs)
	if err == nil {
		l.receiver, err = startReceiver(l.scale.slowApps)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(root))
	}
	report.Disks = append(report.Disks, disk)
	return l, nil
}

func (l *lab) close() error {
	l.receiver.stop()
	return os.RemoveAll(l.root)
}

// folder makes a new one.
func (l *lab) folder() (string, error) {
	l.folders++
	name := filepath.Join(l.root, strconv.Itoa(l.folders))
	return name, os.Mkdir(name, 0o700)
}

// prepared returns a folder of its own with a database that is filled as asked. The caller removes it.
func (l *lab) prepared(ctx context.Context, spec fillSpec) (string, error) {
	template, ok := l.templates[spec]
	if !ok {
		var err error
		if template, err = l.folder(); err != nil {
			return "", err
		}
		if err := l.fill(ctx, template, spec); err != nil {
			return "", err
		}
		l.templates[spec] = template
	}
	folder, err := l.folder()
	if err != nil {
		return "", err
	}
	return folder, copyFile(filepath.Join(template, databaseFile), filepath.Join(folder, databaseFile))
}

// forget removes the templates: the next scenario has others, and they are large.
func (l *lab) forget() error {
	var err error
	for spec, folder := range l.templates {
		err = errors.Join(err, os.RemoveAll(folder))
		delete(l.templates, spec)
	}
	return err
}

// discard removes what a measurement leaves behind; close would catch what is left.
func (l *lab) discard(folder string) {
	if err := os.RemoveAll(folder); err != nil {
		l.log.Warn("a folder stays until the end", "error", err)
	}
}

// figure adds a line to the report and tells of it.
func (l *lab) figure(name, unit string, values []float64, must *Must) {
	f := Figure{Scenario: l.scenario, Database: "sqlite", Name: name, Unit: unit, Values: values, Must: must}
	l.report.add(f)
	l.log.Info("measured", "scenario", l.scenario, "figure", name, "median", number(median(values)), "unit", unit)
}

// problem notes what must not happen whatever the speed is.
func (l *lab) problem(what string) {
	l.log.Error("a problem", "scenario", l.scenario, "problem", what)
	l.report.Problems = append(l.report.Problems, l.scenario+": "+what)
}

// problems notes all of them, with where they were seen.
func (l *lab) problems(where string, list []string) {
	for _, p := range list {
		l.problem(where + ": " + p)
	}
}
