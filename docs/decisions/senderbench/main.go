// Command senderbench compares the HTTP clients of decision 0007 and prints a markdown table.
//
// The receiver and each sender are processes of their own, so that the CPU of a sender is its own. The runs are
// interleaved, another sender begins each round, and ratios are those of the same round. Run it in its folder:
//
//	go run . -rounds 7
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
	"strings"
	"time"
)

// inFlight is how many callbacks of one App are under way at a time: what delivery does.
const inFlight = 64

// setup is one line of the table: a client at one kind of receiver. The first of each group is what the others are
// compared with.
type setup struct {
	Client, Scheme string
	Late           bool // the receiver answers 5 ms late
}

func setups() []setup {
	var all []setup
	for _, late := range []bool{false, true} {
		for _, c := range []string{shipped, plain, fast, own, http2} {
			all = append(all, setup{c, "http", late})
		}
		for _, c := range []string{shipped, plain, fast, own, http2} {
			all = append(all, setup{c, "https", late})
		}
	}
	return all
}

func (s setup) group() setup { return setup{shipped, s.Scheme, s.Late} }

// requests is how many are timed, so that a run takes about a second.
func (s setup) requests() int {
	if s.Late {
		return 10_000
	}
	return 30_000
}

// result is one run.
type result struct {
	Rate   float64 // answers a second
	CPU    float64 // of the sender, microseconds a request
	Far    float64 // CPU of the receiver, microseconds a request
	Allocs float64 // of the sender, a request
	P99    float64 // milliseconds from the call to the whole answer
	Opened float64 // connections, while warming up; none is opened later unless Later says so
	Later  float64
}

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 7, "repetitions of each sender")
	only := flag.String("only", "", "measure the setups whose name contains this")
	role := flag.String("role", "", "internal: what this process is")
	order := flag.String("order", "", "internal: what it is to do, as JSON")
	flag.Parse()
	var err error
	switch *role {
	case "receiver":
		err = receive(*order)
	case "sender":
		err = send(*order)
	default:
		err = compare(*rounds, *only)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func (s setup) String() string {
	name := s.Client + ", " + s.Scheme
	if s.Late {
		name += ", 5 ms late"
	}
	return name
}

func compare(rounds int, only string) error {
	dir, err := os.MkdirTemp("", "senderbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := startReceiver(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return err
	}
	defer r.stop()
	all := slices.DeleteFunc(setups(), func(s setup) bool { return !strings.Contains(s.String(), only) })
	results := map[setup][]result{}
	for i := range rounds {
		for j := range all {
			s := all[(i+j)%len(all)]
			var got result
			if err := call(&got, "sender", sendOrder{Setup: s, Receiver: r.told}); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
			results[s] = append(results[s], got)
			log.Printf("round %d, %s: %+v", i+1, s, got)
		}
	}
	fmt.Printf("%s, %s/%s, %d CPUs, %s; %d in flight; %d rounds, median (min–max); ratios are medians of the rounds' ratios to what ships\n\n",
		time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), inFlight, rounds)
	printTable(all, results)
	return nil
}

// call runs this program in a role and reads what it prints.
func call(result any, role string, order any) error {
	cmd, err := command(role, order)
	if err != nil {
		return err
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	return json.Unmarshal(out, result)
}

func command(role string, order any) (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(order)
	if err != nil {
		return nil, err
	}
	return exec.Command(program, "-role", role, "-order", string(text)), nil
}

func printTable(all []setup, results map[setup][]result) {
	columns := []struct {
		title  string
		format string
		value  func(result) float64
		ratio  bool
	}{
		{"answers/s", "%.0f", func(r result) float64 { return r.Rate }, true},
		{"CPU of the sender, µs", "%.1f", func(r result) float64 { return r.CPU }, true},
		{"CPU of the receiver, µs", "%.1f", func(r result) float64 { return r.Far }, false},
		{"allocations", "%.0f", func(r result) float64 { return r.Allocs }, false},
		{"p99, ms", "%.1f", func(r result) float64 { return r.P99 }, false},
		{"connections", "%.0f", func(r result) float64 { return r.Opened }, false},
		{"opened later", "%.0f", func(r result) float64 { return r.Later }, false},
	}
	fmt.Print("| sender |")
	for _, c := range columns {
		fmt.Printf(" %s |", c.title)
	}
	fmt.Print("\n| --- |" + strings.Repeat(" --- |", len(columns)) + "\n")
	for _, s := range all {
		fmt.Printf("| %s |", s)
		for _, c := range columns {
			var v, ratios []float64
			for i, r := range results[s] {
				v = append(v, c.value(r))
				if base := results[s.group()]; i < len(base) {
					ratios = append(ratios, c.value(r)/c.value(base[i]))
				}
			}
			fmt.Printf(" "+c.format+" ("+c.format+"–"+c.format+")", median(v), slices.Min(v), slices.Max(v))
			if c.ratio && len(ratios) > 0 {
				fmt.Printf(" ×%.2f", median(ratios))
			}
			fmt.Print(" |")
		}
		fmt.Println()
	}
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}
