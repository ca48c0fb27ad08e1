package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// maxProblems bounds what one error lists: a file of nothing but
	// mistakes must not become a message of many megabytes.
	maxProblems = 100
	// maxQuoted bounds how many bytes of a value a message repeats.
	maxQuoted = 60
)

// Problem is one thing that is wrong, and what to do about it.
type Problem struct {
	// File is the path as it was given; empty for environment and flags.
	File string
	// Line starts at 1; 0 if the problem has none.
	Line int
	// Key is the path of the key, such as apps[0].delivery.profile, or the
	// name of the environment variable or flag. Empty for the file as a whole.
	Key string
	// Text says what is wrong and what is allowed, without any secret.
	Text string
}

// String is "file:line: key: text", without the parts that are empty.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			b.WriteString(":" + strconv.Itoa(p.Line))
		}
		b.WriteString(": ")
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	return b.String() + p.Text
}

// Warning is something that works and probably is not meant.
type Warning Problem

// String is "file:line: key: text", without the parts that are empty.
func (w Warning) String() string { return Problem(w).String() }

// Error is what Load returns for a configuration that was read and is wrong.
type Error struct {
	// Problems has at least one element and at most 100; those of the file
	// come first, by line.
	Problems []Problem
	// Omitted counts the problems beyond the limit.
	Omitted int
}

// Error lists the problems, one a line.
func (e *Error) Error() string {
	lines := make([]string, 0, len(e.Problems)+1)
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	if e.Omitted > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", e.Omitted))
	}
	return strings.Join(lines, "\n")
}

// report collects problems and warnings.
type report struct {
	problems []Problem
	omitted  int
	warnings []Warning
}

func (r *report) refuse(at place, format string, args ...any) {
	if len(r.problems) == maxProblems {
		r.omitted++
		return
	}
	text := fmt.Sprintf(format, args...)
	r.problems = append(r.problems, Problem{File: at.file, Line: at.line, Key: at.key, Text: text})
}

func (r *report) warn(at place, format string, args ...any) {
	if len(r.warnings) < maxProblems {
		text := fmt.Sprintf(format, args...)
		r.warnings = append(r.warnings, Warning{File: at.file, Line: at.line, Key: at.key, Text: text})
	}
}

// err is nil if nothing was refused.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if (a.File == "") != (b.File == "") {
			return cmp.Compare(b.File, a.File)
		}
		return cmp.Compare(a.Line, b.Line)
	})
	return &Error{Problems: r.problems, Omitted: r.omitted}
}

// quote is a value as messages repeat it: on one line, and short.
func quote(s string) string {
	if len(s) <= maxQuoted {
		return strconv.Quote(s)
	}
	end := maxQuoted
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strconv.Quote(s[:end]) + "…"
}
