package server

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/config"
)

func TestMemoryScalesEveryBudgetAndLeavesEnoughOfEach(t *testing.T) {
	standard := budget{
		window: 64 << 20, inFlight: 1024, records: 32_768, held: 10_000, idle: 2048, calls: 10_000, commands: 4096, userSigs: 10_000, readers: 1000,
	}
	cases := []struct {
		name   string
		memory int64
		want   budget
	}{
		{"not set", 0, standard},
		{"the default", config.DefaultMemory, standard},
		{"twice the default", 2 * config.DefaultMemory, budget{
			window: 128 << 20, inFlight: 2048, records: 65_536, held: 20_000, idle: 4096, calls: 20_000, commands: 8192, userSigs: 20_000, readers: 1000,
		}},
		{"the least that config takes", 32_000_000, budget{
			window: 10_737_418, inFlight: 163, records: 5242, held: 1600, idle: 327, calls: 1600, commands: 655, userSigs: 1600, readers: 160,
		}},
		{"hardly any", 1, budget{
			window: 1 << 20, inFlight: 16, records: 1024, held: 100, idle: 16, calls: 100, commands: 64, userSigs: 100, readers: 16,
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, budgetOf(c.memory), cmp.AllowUnexported(budget{})); diff != "" {
				t.Errorf("budgets (-want +got):\n%s", diff)
			}
		})
	}
}

// Who plans a machine reads the table.
func TestDocumentedBudgetsAreThoseOfTheDefault(t *testing.T) {
	b := budgetOf(config.DefaultMemory)
	rows := documentedBudgets(t)
	for what, want := range map[string]string{
		"memory": fmt.Sprintf("%d MB", config.DefaultMemory/1_000_000),
		"bytes of events in the windows of all Apps":    fmt.Sprintf("%d MiB", b.window>>20),
		"held lanes of a reader":                        thousands(b.held),
		"attempts in flight":                            thousands(b.inFlight) + " in all",
		"attempts in flight or recorded and not stored": thousands(b.records) + " in all",
		"idle connections to App backends":              thousands(b.idle) + ", " + thousands(b.inFlight) + " to one host",
		"commands that wait":                            thousands(b.commands),
		"UserSigs known to be valid":                    thousands(b.userSigs),
		"readers of the feed":                           thousands(b.readers),
		"connections of callers":                        thousands(b.calls),
		"a request":                                     fmt.Sprintf("header %d KiB in %s", headerBytes>>10, strings.Replace(headerTimeout.String(), "s", " s", 1)),
	} {
		if got, ok := rows[what]; !ok || !strings.Contains(got, want) {
			t.Errorf("docs/architecture.md says %q of %q, want %q", got, what, want)
		}
	}
}

// documentedBudgets are the rows of the table, by their first cell, and what the text before says of memory.
func documentedBudgets(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Budgets\n")
	rows := map[string]string{}
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			rows[strings.TrimSpace(cells[1])] = cells[2]
		} else {
			rows["memory"] += line
		}
	}
	return rows
}

// thousands writes a number as the documents do: 10,000.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
