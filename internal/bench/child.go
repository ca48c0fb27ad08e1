package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Kinds of children. They are not meant to be started by hand.
const (
	childSend  = "send"
	childPass  = "pass"
	childFill  = "fill"
	childStore = "store"
)

// childCommand is the hidden command that runs [Child].
const childCommand = "bench-child"

// children by kind: order is one line of JSON that says what to do; answers are lines of JSON on out.
var children = map[string]func(ctx context.Context, order []byte, out *json.Encoder) error{
	childSend:  runSend,
	childPass:  runPass,
	childFill:  runFill,
	childStore: runStore,
}

// Child runs the part of a measurement that has to be a process of its own. [Run] starts it as the hidden command
// "bench-child KIND" of the same program. It ends when its work is done, when ctx ends, and when in ends: then whoever
// started it is gone.
func Child(ctx context.Context, kind string, in io.Reader, out io.Writer) error {
	run := children[kind]
	if run == nil {
		return fmt.Errorf("there is no child %q; there are %q", kind, slices.Sorted(maps.Keys(children)))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := bufio.NewReader(io.LimitReader(in, lineLimit))
	order, err := lines.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read what to do: %w", err)
	}
	go func() { // it ends with in, at the latest with the process
		_, _ = io.Copy(io.Discard, lines)
		cancel()
	}()
	return run(ctx, order, json.NewEncoder(out))
}
