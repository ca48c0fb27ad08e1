package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// lab is where scenarios are played on one kind of store: a folder, a place for databases, the receiver, and the report.
type lab struct {
	opt      *Options
	scale    scale
	log      *slog.Logger
	root     string // removed at the end
	kind     string // of the store
	place    place
	receiver *receiver
	report   *Report
	scenario string // that is played
	// templates are filled databases that several measurements of a scenario begin with, each on a copy.
	templates map[fillSpec]home
	folders   int
	profiles  int
}

// home is where a server under test lives: a folder and a database of its own.
type home struct {
	folder string
	database
}

func newLab(ctx context.Context, opt *Options, address string, report *Report) (*lab, error) {
	folder, ok := strings.CutPrefix(address, sqliteScheme)
	if !ok {
		folder = os.TempDir()
	}
	root, err := makeRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("make a folder for the databases: %w", err)
	}
	l := &lab{opt: opt, scale: full, log: opt.Log, root: root, report: report, templates: map[fillSpec]home{}}
	if opt.Quick {
		l.scale = quick
	}
	disk, err := l.open(ctx, address)
	if err == nil {
		l.receiver, err = startReceiver(l.scale.slowApps)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(root))
	}
	report.Disks = append(report.Disks, disk)
	return l, nil
}

// makeRoot returns a path that is right in every folder.
func makeRoot(folder string) (string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	return os.MkdirTemp(folder, "callboard-bench-")
}

// open looks at where the databases are to be.
func (l *lab) open(ctx context.Context, address string) (Disk, error) {
	l.kind, l.place = kindSQLite, sqlitePlace{l.root}
	if isPostgres(address) {
		p, err := newPostgresPlace(ctx, address)
		if err != nil {
			return Disk{}, err
		}
		l.kind, l.place = kindPostgres, p
	}
	return l.place.disk(ctx, l.scale.syncs)
}

func (l *lab) close() error {
	l.receiver.stop()
	return errors.Join(l.forget(), os.RemoveAll(l.root))
}

// folder makes a new one.
func (l *lab) folder() (string, error) {
	l.folders++
	name := filepath.Join(l.root, strconv.Itoa(l.folders))
	return name, os.Mkdir(name, 0o700)
}

// empty makes a home in whose database nothing is. The caller discards it.
func (l *lab) empty(ctx context.Context) (home, error) {
	folder, err := l.folder()
	if err != nil {
		return home{}, err
	}
	db, err := l.place.create(ctx, folder)
	return home{folder, db}, err
}

// prepared makes a home whose database is filled as asked. The caller discards it.
func (l *lab) prepared(ctx context.Context, spec fillSpec) (home, error) {
	template, ok := l.templates[spec]
	if !ok {
		var err error
		if template, err = l.empty(ctx); err != nil {
			return home{}, err
		}
		if err := l.fill(ctx, template, spec); err != nil {
			l.discard(template)
			return home{}, err
		}
		l.templates[spec] = template
	}
	folder, err := l.folder()
	if err != nil {
		return home{}, err
	}
	db, err := template.copy(ctx, folder)
	return home{folder, db}, err
}

// forget removes the templates: the next scenario has others, and they are large.
func (l *lab) forget() error {
	var err error
	for spec, template := range l.templates {
		err = errors.Join(err, template.remove())
		delete(l.templates, spec)
	}
	return err
}

// discard removes what a measurement leaves behind.
func (l *lab) discard(h home) {
	if err := h.remove(); err != nil {
		l.log.Warn("something of a measurement is left", "error", err)
	}
}

func (h home) remove() error { return errors.Join(h.drop(), os.RemoveAll(h.folder)) }

// figure adds a line to the report and tells of it. must is the bar on SQLite, onPostgres the one on PostgreSQL if there is one.
func (l *lab) figure(name, unit string, values []float64, must *Must, onPostgres ...*Must) {
	if l.kind != kindSQLite {
		must = nil
		if len(onPostgres) > 0 {
			must = onPostgres[0]
		}
	}
	f := Figure{Scenario: l.scenario, Database: l.kind, Name: name, Unit: unit, Values: values, Must: must}
	if l.report.add(f) {
		l.log.Info("measured", "scenario", l.scenario, "figure", name, "median", number(median(values)), "unit", unit)
	}
}

// storeCPU is what the processes of the store have used so far, in microseconds; NaN when nobody can say.
func (l *lab) storeCPU() float64 {
	used, known := l.place.cpu()
	if !known {
		return math.NaN()
	}
	return microseconds(used)
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
