package bench

import (
	"errors"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestUsageIsReadAsTheKernelWritesIt(t *testing.T) {
	const stat = "42 (a (strange) name) S 1 42 42 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 9 0 100 1000 200\n"
	const status = "Name:\tcallboard\nVmHWM:\t   20000 kB\nVmRSS:\t   10000 kB\n"
	cases := []struct {
		name, stat, status string
		want               usage
		err                error
	}{
		{"whole", stat, status, usage{cpu: 2 * time.Second, rss: 10.24, peak: 20.48}, nil},
		{"short", "42 (name) S 1", status, usage{}, errUsage},
		{"without its children", "42 (n) S 1 42 42 0 -1 4194304 100 0 0 0 150 50", status, usage{}, errUsage},
		{"no number", "42 (n) S 1 42 42 0 -1 4194304 100 0 0 0 many 50 0 0", status, usage{}, errUsage},
		{"no memory", stat, "Name:\tcallboard\n", usage{}, errUsage},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseUsage(c.stat, c.status)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if c.err != nil {
				return
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(usage{})); diff != "" {
				t.Errorf("usage (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUsageOfThisProcessIsKnown(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory and CPU of a process are read on Linux only: run it there")
	}
	u, err := processUsage(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if u.rss < 1 || u.peak < u.rss {
		t.Errorf("memory now %v MB, at most %v MB", u.rss, u.peak)
	}
}

func TestCPUOfAFamilyHasThatOfChildrenThatEnded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory and CPU of a process are read on Linux only: run it there")
	}
	got, err := parseTimes("42 (a) S 7 42 42 0 -1 4194304 100 0 0 0 150 50 300 400 20 0 9 0 100 1000 200\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := (times{parent: 7, own: 2 * time.Second, ended: 7 * time.Second}); got != want {
		t.Errorf("times %v, want %v", got, want)
	}
	own, err := readTimes(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	// The process that started this one has it among its children.
	sum, err := familyCPU(own.parent)
	if err != nil {
		t.Fatal(err)
	}
	if sum < own.own {
		t.Errorf("the family has used %v, and this process alone %v", sum, own.own)
	}
}
