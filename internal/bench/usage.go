package bench

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// usage is what a process has used, as Linux tells it; other systems have no such files.
type usage struct {
	cpu  time.Duration // of all its threads, since its start, in steps of 10 ms
	rss  float64       // MB (10^6 bytes) in memory now
	peak float64       // the most that rss ever was
}

// ticks is the number of clock ticks a second in /proc; Linux fixes it for programs.
const ticks = 100

func processUsage(pid int) (usage, error) {
	folder := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(folder + "/stat")
	if err != nil {
		return usage{}, fmt.Errorf("read the CPU time: %w", err)
	}
	status, err := os.ReadFile(folder + "/status")
	if err != nil {
		return usage{}, fmt.Errorf("read the memory: %w", err)
	}
	return parseUsage(string(stat), string(status))
}

var errUsage = errors.New("the kernel's account of a process has another form than is known")

func parseUsage(stat, status string) (u usage, err error) {
	// The name of the program may hold blanks and brackets; what follows its last bracket does not.
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return u, errUsage
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return u, fmt.Errorf("%w: %w", errUsage, err)
	}
	u.cpu = time.Duration(user+system) * time.Second / ticks
	if u.rss, err = statusMB(status, "VmRSS:"); err != nil {
		return u, err
	}
	u.peak, err = statusMB(status, "VmHWM:")
	return u, err
}

// statusMB reads a line such as "VmRSS:     1234 kB".
func statusMB(status, name string) (float64, error) {
	for line := range strings.Lines(status) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			break
		}
		kib, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errUsage, err)
		}
		return float64(kib) * 1024 / 1e6, nil
	}
	return 0, fmt.Errorf("%w: no %s", errUsage, name)
}
