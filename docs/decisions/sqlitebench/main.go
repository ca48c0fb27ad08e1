// Command sqlitebench compares the SQLite libraries of decision 0001 and prints a markdown table.
//
// Each library runs in a process of its own. The runs are interleaved, so that a slow minute of the machine hits all of
// them. Run it in its folder, with -dir on the disk to be measured:
//
//	go run . -rounds 7 -dir .
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/callboard/callboard/docs/decisions/sqlitebench/bench"
)

type library struct{ program, title string }

var libraries = []library{
	{"modernc", "modernc.org/sqlite, database/sql"},
	{"zombiezen", "zombiezen.com/go/sqlite, Conn"},
	{"ncruces", "ncruces/go-sqlite3, Conn"},
	{"ncrucessql", "ncruces/go-sqlite3, database/sql"},
}

type column struct {
	title  string
	format string
	value  func(bench.Result) float64
}

var columns = []column{
	{"row in groups of 64, µs", "%.1f", func(r bench.Result) float64 { return r.GroupRow }},
	{"the same, CPU µs", "%.1f", func(r bench.Result) float64 { return r.GroupRowCPU }},
	{"commit of one, µs", "%.0f", func(r bench.Result) float64 { return r.Commit }},
	{"row read in pages, µs", "%.2f", func(r bench.Result) float64 { return r.ReadRow }},
	{"RSS, MiB", "%.1f", func(r bench.Result) float64 { return r.RSS }},
	{"start, ms", "%.1f", func(r bench.Result) float64 { return r.Start / 1000 }},
}

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 5, "repetitions of each library")
	dir := flag.String("dir", os.TempDir(), "folder on the disk to be measured")
	flag.Parse()
	if err := run(*dir, *rounds); err != nil {
		log.Fatal(err)
	}
}

func run(dir string, rounds int) error {
	tmp, err := os.MkdirTemp(dir, "sqlitebench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	for _, l := range libraries {
		build := exec.Command("go", "build", "-o", filepath.Join(tmp, l.program), "./"+l.program)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", l.program, err, out)
		}
	}
	disk, err := syncTime(tmp)
	if err != nil {
		return err
	}
	results := map[library][]bench.Result{}
	for i := range rounds {
		for j := range libraries {
			// Another library begins each round.
			l := libraries[(i+j)%len(libraries)]
			r, err := measure(tmp, l.program)
			if err != nil {
				return fmt.Errorf("%s: %w", l.program, err)
			}
			results[l] = append(results[l], r)
			log.Printf("round %d %s: %+v", i+1, l.program, r)
		}
	}
	fmt.Printf("%s, %s/%s, %d CPUs, %s; appending and syncing 4 KiB takes %d µs (median); %d rounds, median (min–max) ×ratio to the best\n\n",
		time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(),
		disk.Microseconds(), rounds)
	printTable(results)
	return nil
}

// measure runs the program on a new database, then times ten starts on it and keeps the median.
func measure(tmp, program string) (bench.Result, error) {
	dir, err := os.MkdirTemp(tmp, program)
	if err != nil {
		return bench.Result{}, err
	}
	defer os.RemoveAll(dir)
	r, err := call(filepath.Join(tmp, program), "-dir", dir)
	if err != nil {
		return r, err
	}
	var starts []float64
	for range 10 {
		s, err := call(filepath.Join(tmp, program), "-dir", dir, "-started", strconv.FormatInt(time.Now().UnixNano(), 10))
		if err != nil {
			return r, err
		}
		starts = append(starts, s.Start)
	}
	r.Start = median(starts)
	return r, nil
}

func call(program string, args ...string) (bench.Result, error) {
	var r bench.Result
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return r, err
	}
	err = json.Unmarshal(out, &r)
	return r, err
}

func printTable(results map[library][]bench.Result) {
	fmt.Print("| library |")
	for _, c := range columns {
		fmt.Printf(" %s |", c.title)
	}
	fmt.Print("\n| --- |")
	for range columns {
		fmt.Print(" --- |")
	}
	fmt.Println()
	for _, l := range libraries {
		fmt.Printf("| %s |", l.title)
		for _, c := range columns {
			best := median(values(results[libraries[0]], c))
			for _, other := range libraries[1:] {
				best = min(best, median(values(results[other], c)))
			}
			v := values(results[l], c)
			fmt.Printf(" "+c.format+" ("+c.format+"–"+c.format+") ×%.2f |",
				median(v), slices.Min(v), slices.Max(v), median(v)/best)
		}
		fmt.Println()
	}
}

func values(results []bench.Result, c column) []float64 {
	var v []float64
	for _, r := range results {
		v = append(v, c.value(r))
	}
	return v
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

// syncTime is what one write of 4 KiB and its sync cost on the disk, over 200 of them at the end of a file.
func syncTime(dir string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	page := make([]byte, 4096)
	var took []float64
	for range 200 {
		start := time.Now()
		if _, err := f.Write(page); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		took = append(took, float64(time.Since(start)))
	}
	return time.Duration(median(took)), nil
}
