package bench

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The figures of a quick run are not looked at: it shows that the parts work together and that nothing is lost.
func TestQuickRunMeasuresAndFindsNoProblem(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts several processes and takes seconds: run it without -short")
	}
	folder := t.TempDir()
	report, err := Run(t.Context(), Options{
		Scenarios: []string{"drain", "steady", "mixed"}, Databases: []string{sqliteScheme + folder}, Quick: true, Version: "test",
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{}, report.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	for _, f := range report.Figures {
		measured := f.Scenario == "drain" || f.Scenario == "steady" // of the others some figures are of what need not happen
		if measured && (len(f.Values) != 1 || f.Values[0] <= 0 && !strings.Contains(f.Name, "lateness")) {
			t.Errorf("%s, %s: values %v, want one above 0", f.Scenario, f.Name, f.Values)
		}
		if f.Verdict != "" {
			t.Errorf("%s, %s: a quick run was judged: %q", f.Scenario, f.Name, f.Verdict)
		}
	}
	bars := slices.ContainsFunc(report.Figures, func(f Figure) bool { return f.Scenario == "drain" && f.Must != nil })
	if !bars {
		t.Error("no figure of the drain has a bar")
	}
	checkForms(t, report)
	checkEmpty(t, folder)
}

func checkForms(t *testing.T, report *Report) {
	t.Helper()
	var table bytes.Buffer
	if err := report.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"a quick run", " cores of ", "load average", "synchronous=FULL", "a sync of 4 KiB takes ", "| n   |", "| drain    |", "| mixed    |", "≥ 0.6",
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table has no %q:\n%s", want, table.String())
		}
	}
	if _, err := json.Marshal(report); err != nil {
		t.Errorf("the report has no JSON form: %v", err)
	}
}

func checkEmpty(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) > 0 {
		t.Errorf("%d entries are left in the folder, the first is %s", len(entries), entries[0].Name())
	}
}

func TestRunThatCannotStartItsChildrenLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	_, err := Run(t.Context(), Options{
		Scenarios: []string{"disk"}, Databases: []string{sqliteScheme + folder}, Quick: true, Executable: folder + "/missing",
	})
	if err == nil || !strings.Contains(err.Error(), "start fill") {
		t.Errorf("error %v, want one that names the child", err)
	}
	checkEmpty(t, folder)
}

func TestWrongOptionsAreRefusedBeforeAnythingStarts(t *testing.T) {
	cases := []struct {
		name string
		opt  Options
		want string
	}{
		{"an unknown scenario", Options{Scenarios: []string{"drain", "sprint"}}, `no scenario "sprint"`},
		{"another store", Options{Databases: []string{"sqlite:x", "mysql://localhost/db"}}, "number 2 cannot be measured; use sqlite:FOLDER or postgres://USER@HOST/DB"},
		{"a store without a host", Options{Databases: []string{"postgres:///db"}}, "use sqlite:FOLDER or postgres://"},
		{"a URL that cannot be read", Options{Databases: []string{"postgres://u:s3%cret@h/db"}}, "use sqlite:FOLDER or postgres://"},
		{"a store without a folder", Options{Databases: []string{"sqlite:"}}, "use sqlite:FOLDER"},
		{"a scenario of PostgreSQL on SQLite", Options{Scenarios: []string{heldTransaction}, Databases: []string{"sqlite:x"}}, "name a database postgres://"},
		{"less than no repetition", Options{Repeat: -1}, "below 0"},
		{"a mix of no length", Options{For: time.Second}, "use 6s or more"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			report, err := Run(t.Context(), c.opt)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
			if report != nil {
				t.Error("there is a report")
			}
			if err != nil && strings.Contains(err.Error(), "cret") {
				t.Errorf("it repeats a password: %v", err)
			}
		})
	}
}

func TestEveryScenarioIsListed(t *testing.T) {
	listed := Scenarios()
	if len(listed) != len(scenarios) {
		t.Errorf("%d scenarios are listed, want %d", len(listed), len(scenarios))
	}
	for _, name := range listed {
		if scenarios[name] == nil {
			t.Errorf("there is no scenario %q", name)
		}
	}
	if got := Standard(); len(got) != len(listed)-len(named) || slices.Contains(got, "mixed") || slices.Contains(got, numbering) {
		t.Errorf("%q are played when none is named, want all but %q", got, named)
	}
}
