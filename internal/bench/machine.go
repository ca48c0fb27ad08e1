package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Machine is what the figures were measured on.
type Machine struct {
	Cores  int    `json:"cores"`
	CPU    string `json:"cpu"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
	// Load is how many processes wanted a core, on average over the minute before the run; below 0: unknown. What else runs
	// on the machine is missing to what is measured.
	Load float64 `json:"load_before"`
}

// Disk is where a database lies.
type Disk struct {
	Database   string `json:"database"` // the kind of store
	FileSystem string `json:"file_system"`
	SyncMode   string `json:"sync_mode"`
	// Sync is what SyncMedian and SyncP99 are milliseconds of.
	Sync       string  `json:"sync"`
	SyncMedian float64 `json:"sync_median_ms"`
	SyncP99    float64 `json:"sync_p99_ms"`
}

const unknownFact = "unknown"

func thisMachine() Machine {
	return Machine{Cores: runtime.NumCPU(), CPU: cpuModel(), Kernel: kernel(), Go: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH, Load: loadAverage()}
}

// loadAverage reads what Linux tells; other systems have no such file.
func loadAverage() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return -1
	}
	first, _, _ := strings.Cut(string(text), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return -1
	}
	return load
}

// cpuModel reads what Linux tells; other systems have no such file.
func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return unknownFact
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	return unknownFact
}

func kernel() string {
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return unknownFact
	}
	return strings.TrimSpace(string(text))
}

// sqliteSync is how package sqlite commits.
const sqliteSync = "WAL, events synchronous=FULL, settlements synchronous=NORMAL"

func measureDisk(folder string, samples int) (Disk, error) {
	d := Disk{Database: kindSQLite, FileSystem: fileSystem(folder), SyncMode: sqliteSync, Sync: "a sync of 4 KiB"}
	times, err := syncTimes(folder, samples)
	if err != nil {
		return d, fmt.Errorf("measure a sync: %w", err)
	}
	d.SyncMedian, d.SyncP99 = percentile(times, 50), percentile(times, 99)
	return d, nil
}

// syncTimes appends blocks to a file and syncs each; it returns milliseconds in ascending order.
func syncTimes(folder string, samples int) ([]float64, error) {
	f, err := os.CreateTemp(folder, "sync-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	defer f.Close()
	block := bytes.Repeat([]byte{'x'}, 4096)
	times := make([]float64, 0, samples)
	for range samples {
		start := time.Now()
		if _, err := f.Write(block); err != nil {
			return nil, err
		}
		if err := f.Sync(); err != nil {
			return nil, err
		}
		times = append(times, milliseconds(time.Since(start)))
	}
	slices.Sort(times)
	return times, nil
}

// fileSystem names type and device of the mount that holds the folder. A tmpfs syncs nothing: a reader has to see that.
func fileSystem(folder string) string {
	path, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return unknownFact
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return unknownFact
	}
	defer f.Close()
	best, name := 0, unknownFact
	for lines := bufio.NewScanner(f); lines.Scan(); {
		head, tail, ok := strings.Cut(lines.Text(), " - ")
		fields, kind := strings.Fields(head), strings.Fields(tail)
		if !ok || len(fields) < 5 || len(kind) < 2 {
			continue
		}
		mount := strings.TrimSuffix(fields[4], "/") + "/"
		if strings.HasPrefix(path+"/", mount) && len(mount) >= best {
			best, name = len(mount), kind[0]+" on "+kind[1]
		}
	}
	return name
}
