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
	t, err := parseTimes(stat)
	if err != nil {
		return u, err
	}
	u.cpu = t.own
	if u.rss, err = statusMB(status, "VmRSS:"); err != nil {
		return u, err
	}
	u.peak, err = statusMB(status, "VmHWM:")
	return u, err
}

// times are the CPU times of a process.
type times struct {
	parent int           // whose child it is
	own    time.Duration // of all its threads, since its start, in steps of 10 ms
	ended  time.Duration // of the children that it has waited for
}

func readTimes(pid int) (times, error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return times{}, fmt.Errorf("read the CPU time: %w", err)
	}
	return parseTimes(string(stat))
}

func parseTimes(stat string) (t times, err error) {
	// The name of the program may hold blanks and brackets; what follows its last bracket does not.
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 15 {
		return t, errUsage
	}
	var n [5]int64
	for i, field := range []int{1, 11, 12, 13, 14} { // parent; user, system; the same of ended children
		if n[i], err = strconv.ParseInt(fields[field], 10, 64); err != nil {
			return t, fmt.Errorf("%w: %w", errUsage, err)
		}
	}
	t.parent = int(n[0])
	t.own, t.ended = time.Duration(n[1]+n[2])*time.Second/ticks, time.Duration(n[3]+n[4])*time.Second/ticks
	return t, nil
}

// familyCPU is what a process and its children have used since their beginning, those included that it has outlived. A child
// that ends while the others are counted goes over to those: then all are counted again, a few times at most.
func familyCPU(pid int) (time.Duration, error) {
	before, err := readTimes(pid)
	if err != nil {
		return 0, err
	}
	for tries := 10; ; tries-- {
		living, err := childrenCPU(pid)
		if err != nil {
			return 0, err
		}
		after, err := readTimes(pid)
		if err != nil {
			return 0, err
		}
		if after.ended == before.ended || tries == 0 {
			return after.own + after.ended + living, nil
		}
		before = after
	}
}

// childrenCPU is what the children of a process have used that it has not outlived.
func childrenCPU(pid int) (sum time.Duration, err error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, fmt.Errorf("list the processes: %w", err)
	}
	for _, entry := range entries {
		child, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if c, err := readTimes(child); err == nil && c.parent == pid { // another may have ended meanwhile
			sum += c.own
		}
	}
	return sum, nil
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
