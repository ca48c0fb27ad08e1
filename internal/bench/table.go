package bench

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// WriteTable prints the report as a table of Markdown, aligned for a terminal as well.
func (r *Report) WriteTable(w io.Writer) error {
	var b strings.Builder
	r.writeFacts(&b)
	writeAligned(&b, r.rows())
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "\nPROBLEM: %s", p)
	}
	if len(r.Problems) > 0 {
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) writeFacts(b *strings.Builder) {
	m := r.Machine
	fmt.Fprintf(b, "callboard %s, %s, %s\n", r.Version, r.Started.UTC().Format("2006-01-02 15:04 UTC"), m.Go)
	fmt.Fprintf(b, "%d cores of %s, kernel %s; load and receiver run on the same cores\n", m.Cores, m.CPU, m.Kernel)
	if m.Load >= 0 {
		fmt.Fprintf(b, "load average of the minute before: %.2f\n", m.Load)
	}
	for _, d := range r.Disks {
		fmt.Fprintf(b, "%s: %s, %s; %s takes %.2f ms (p99 %.2f ms)\n",
			d.Database, d.FileSystem, d.SyncMode, d.Sync, d.SyncMedian, d.SyncP99)
	}
	if r.Quick {
		b.WriteString("a quick run: it shows that everything works, and its figures mean nothing\n")
	}
	b.WriteByte('\n')
}

func (r *Report) rows() [][]string {
	rows := [][]string{
		{"scenario", "figure", "unit", "n", "min", "median", "max", "must", "got"},
		{"---", "---", "---", "--:", "--:", "--:", "--:", "---", "---"},
	}
	several := len(r.Disks) > 1
	for _, f := range r.Figures {
		must, name := "", f.Scenario
		if f.Must != nil {
			must = f.Must.String()
		}
		if several {
			name += " " + f.Database
		}
		rows = append(rows, []string{
			name, f.Name, f.Unit, strconv.Itoa(len(f.Values)), number(f.Spread.Min), number(f.Spread.Median), number(f.Spread.Max), must, f.Verdict,
		})
	}
	return rows
}

// number prints three digits, and whole numbers from a hundred on.
func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "none"
	case math.Abs(v) >= 100:
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func writeAligned(b *strings.Builder, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		for i, cell := range row {
			fmt.Fprintf(b, "| %s%s ", cell, strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)))
		}
		b.WriteString("|\n")
	}
}
