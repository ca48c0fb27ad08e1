package crash

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// traced is one system call in a trace. Begin and end are lines of the trace: strace writes a line when a call begins and
// ends, or two lines when something else happened in between.
type traced struct {
	name       string
	file       string // what the first argument stands for
	text       string // the arguments
	result     int
	begin, end int
}

var (
	tracedLine = regexp.MustCompile(`^(\d+) +(.*)$`)
	calledWith = regexp.MustCompile(`^([a-z_0-9]+)\((?:\d+<([^>]*)>)?`)
	resumed    = regexp.MustCompile(`^<\.\.\. ([a-z_0-9]+) resumed>`)
)

const unfinished = " <unfinished ...>"

// parseTrace reads what strace -f -y writes. Lines that are no system calls, and calls without an end, are left out.
func parseTrace(text string) []traced {
	var calls []traced
	open := map[string]traced{} // by thread
	number := 0
	for line := range strings.Lines(text) {
		number++
		match := tracedLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if match == nil {
			continue
		}
		thread, rest := match[1], match[2]
		c := traced{begin: number}
		if resumed.MatchString(rest) {
			c = open[thread]
			delete(open, thread)
		} else if name := calledWith.FindStringSubmatch(rest); name != nil {
			c.name, c.file = name[1], name[2]
		}
		if c.name == "" {
			continue
		}
		c.text += rest
		if strings.HasSuffix(rest, unfinished) {
			open[thread] = c
			continue
		}
		if c.finish(rest, number) {
			calls = append(calls, c)
		}
	}
	slices.SortFunc(calls, func(a, b traced) int { return a.begin - b.begin })
	return calls
}

// finish takes the result, which stands behind the last equals sign.
func (c *traced) finish(line string, number int) bool {
	i := strings.LastIndex(line, " = ")
	if i < 0 {
		return false
	}
	result, _, _ := strings.Cut(line[i+len(" = "):], " ")
	n, err := strconv.Atoi(result)
	c.result, c.end = n, number
	return err == nil
}

func (c *traced) isWrite() bool {
	return slices.Contains([]string{"write", "pwrite64", "writev", "sendto", "sendmsg"}, c.name)
}

func (c *traced) isRead() bool { return slices.Contains([]string{"read", "recvfrom"}, c.name) }

func (c *traced) isSync() bool { return slices.Contains([]string{"fsync", "fdatasync"}, c.name) }

func (c *traced) onSocket() bool { return strings.HasPrefix(c.file, "socket:") }

// checkTrace returns what is wrong with the order of the system calls behind one change, in words. account is a text that
// stands in the request, in what is stored and nowhere else in the trace. While the change is made, the process has nothing
// else to write to its database.
func checkTrace(calls []traced, account string) error {
	request := slices.IndexFunc(calls, func(c traced) bool {
		// Not "POST": while net/http waits for the next request it reads one byte ahead.
		return c.isRead() && c.onSocket() && c.has("/v4/") && c.has(account)
	})
	if request < 0 {
		return fmt.Errorf("%s: the request was not read", account)
	}
	after := calls[request+1:]
	answer := slices.IndexFunc(after, func(c traced) bool { return c.isWrite() && c.file == calls[request].file && c.has("HTTP/1.1 ") })
	if answer < 0 || !after[answer].has(`\"ErrorCode\":0`) {
		return fmt.Errorf("%s: the request was not answered OK", account)
	}
	return checkSynced(after[:answer], &after[answer], account)
}

func (c *traced) has(text string) bool { return strings.Contains(c.text, text) }

// checkSynced wants the change and its callback to be written to the WAL, and the WAL to be synced after the last write to it
// and before the answer begins.
func checkSynced(calls []traced, answer *traced, account string) error {
	var last *traced
	change, report := false, false
	for i := range calls {
		c := &calls[i]
		if !c.isWrite() || !strings.HasSuffix(c.file, "-wal") {
			continue
		}
		change = change || c.has(account)
		report = report || c.has(account) && c.has("Live.CallbackAfterModifyAdmin")
		if last == nil || c.end > last.end {
			last = c
		}
	}
	switch {
	case !change:
		return fmt.Errorf("%s: the change was not written to the WAL before the answer", account)
	case !report:
		return fmt.Errorf("%s: the callback was not written to the WAL before the answer", account)
	}
	for i := range calls {
		c := &calls[i]
		if c.isSync() && c.file == last.file && c.result == 0 && c.begin > last.end && c.end < answer.begin {
			return nil
		}
	}
	return fmt.Errorf("%s: no sync of the WAL returned 0 between the last write to it (line %d) and the answer (line %d)",
		account, last.end, answer.begin)
}
