package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// pageFlags name what a page is asked for.
type pageFlags struct {
	askFlags
	Reader  string `help:"Reader that sent, or gave up (default: that of the callback URL)." placeholder:"NAME"`
	Lane    string `help:"One lane only: a RoomId, with /members or /messages behind it, or @app." placeholder:"LANE"`
	Command string `help:"One callback command only." placeholder:"WORD"`
	Since   string `help:"What was attempted, or given up, from that time on: 2026-03-01T14:00:00Z, or an age such as 90m." placeholder:"TIME"`
	Until   string `help:"What was attempted, or given up, before that time." placeholder:"TIME"`
	From    int64  `help:"First number of the log." placeholder:"N"`
	To      int64  `help:"Last number of the log." placeholder:"N"`
	Order   string `help:"The largest numbers first (desc), or the smallest (asc)." enum:"desc,asc" default:"desc"`
	Limit   int    `help:"Most rows, up to 1000." default:"20" placeholder:"N"`
	Next    string `help:"Go on where a page ended that printed this." placeholder:"TEXT"`
}

func (f *pageFlags) query(now time.Time) url.Values {
	q := url.Values{"order": {f.Order}, "limit": {strconv.Itoa(f.Limit)}}
	for name, value := range map[string]string{
		"reader": f.Reader, "lane": f.Lane, "command": f.Command, "next": f.Next, "since": moment(f.Since, now), "until": moment(f.Until, now),
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for name, n := range map[string]int64{"from": f.From, "to": f.To} {
		if n != 0 {
			q.Set(name, strconv.FormatInt(n, 10))
		}
	}
	return q
}

// moment makes a time of an age; a time stays as it is.
func moment(text string, now time.Time) string {
	age, err := time.ParseDuration(text)
	if err != nil {
		return text
	}
	return now.Add(-age).UTC().Format(time.RFC3339Nano)
}

// page is what pages have in common.
type page struct {
	Next       string
	Looked     int
	Deliveries []deliveryRow
	Dead       []deadRow
}

func (p *page) rows() int { return len(p.Deliveries) + len(p.Dead) }

// pages asks until the page is full, or all was looked at: the server looks at a bounded number of rows each time.
func (f *pageFlags) pages(ctx context.Context, path string, q url.Values, take func(answer []byte, p *page) error) (next string, err error) {
	for found := 0; ; {
		answer, err := f.ask(ctx, call{path: path, query: q})
		if err != nil {
			return "", err
		}
		var p page
		if err := json.Unmarshal(answer, &p); err != nil {
			return "", fmt.Errorf("the answer cannot be read: %w", err)
		}
		if err := take(answer, &p); err != nil {
			return "", err
		}
		found += p.rows()
		if p.Next == "" || found >= f.Limit || f.JSON {
			return p.Next, nil
		}
		q.Set("next", p.Next)
		q.Set("limit", strconv.Itoa(f.Limit-found))
	}
}

// listing is how pages of one kind are asked for and printed.
type listing struct {
	path string
	head []string
	rows func(*page) [][]string
}

// table prints rows under a head, and how to go on.
func (f *pageFlags) table(ctx context.Context, std streams, q url.Values, l listing) error {
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	if !f.JSON {
		_, _ = fmt.Fprintln(w, strings.Join(l.head, "\t"))
	}
	next, err := f.pages(ctx, l.path, q, func(answer []byte, p *page) error {
		if f.JSON {
			_, err := std.out.Write(answer)
			return err
		}
		for _, row := range l.rows(p) {
			_, _ = fmt.Fprintln(w, strings.Join(row, "\t"))
		}
		return nil
	})
	if err != nil || f.JSON {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if next != "" {
		_, err = fmt.Fprintf(std.err, "there is more: --next %s\n", next)
	}
	return err
}

// stampOf is a time in milliseconds, as a person reads it.
func stampOf(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05.000Z") }

type deliveriesCommand struct {
	pageFlags
	State string `help:"One state only: delivered, retried, failed, or cloud-lost: what the cloud would have lost." enum:",delivered,retried,failed,cloud-lost" default:""`
}

type deliveryRow struct {
	Event, Lane, Command string
	Number, Status       int
	Time                 int64
	Duration             float64
	Counted              string
	Durable, Cloud       string
	Reason, Answer       string
}

// Run prints attempts.
func (c *deliveriesCommand) Run(ctx context.Context, std streams) error {
	q := c.query(time.Now())
	if c.State != "" {
		q.Set("state", c.State)
	}
	head := []string{"TIME", "EVENT", "LANE", "COMMAND", "TRY", "STATUS", "MS", "CAME TO", "DURABLE", "CLOUD", "REASON"}
	return c.table(ctx, std, q, listing{"deliveries", head, deliveryRows})
}

func deliveryRows(p *page) [][]string {
	var rows [][]string
	for _, d := range p.Deliveries {
		rows = append(rows, []string{
			stampOf(d.Time), d.Event, d.Lane, d.Command, strconv.Itoa(d.Number), strconv.Itoa(d.Status), fmt.Sprintf("%.1f", d.Duration), d.Counted, d.Durable, d.Cloud, d.Reason,
		})
	}
	return rows
}

type deadCommand struct {
	pageFlags
	Body bool `help:"With the bodies: the exact bytes of each callback."`
}

type deadRow struct {
	Event, Lane, Command string
	GivenUp              int64
	Attempts             int
	Reason               string
	Body                 json.RawMessage
}

// Run prints dead letters.
func (c *deadCommand) Run(ctx context.Context, std streams) error {
	q, head := c.query(time.Now()), []string{"GIVEN UP", "EVENT", "LANE", "COMMAND", "TRIES", "REASON"}
	if c.Body {
		q.Set("body", "1")
		head = append(head, "BODY")
	}
	return c.table(ctx, std, q, listing{"dead", head, func(p *page) [][]string {
		var rows [][]string
		for _, d := range p.Dead {
			row := []string{stampOf(d.GivenUp), d.Event, d.Lane, d.Command, strconv.Itoa(d.Attempts), d.Reason}
			if c.Body {
				row = append(row, string(d.Body))
			}
			rows = append(rows, row)
		}
		return rows
	}})
}
