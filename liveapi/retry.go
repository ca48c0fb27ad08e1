package liveapi

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

const (
	// DefaultAttempts is how often a call that is safe to repeat is made at most.
	DefaultAttempts = 3
	// firstPause is about the time between the first attempt and the second; it doubles with each, up to longestPause.
	firstPause   = 100 * time.Millisecond
	longestPause = 2 * time.Second
)

// WithKey returns a client that makes its next call under an idempotency key of 1 to 100 bytes, for instance the number of an
// order: however often the call is made under the key within 24 hours, it is done once, and answered the same. So it is safe to
// repeat, and is repeated like a read, see [Options.Attempts]. Use one key for one call: another call under it is refused. Reads
// are made without it. The client that it is called on stays as it is, and both share their connections.
func (c *Client) WithKey(key string) *Client {
	keyed := *c
	keyed.key = key
	return &keyed
}

// reads tells whether a command changes nothing.
func reads(command string) bool {
	return strings.HasPrefix(command, "get_") || command == "portrait_get"
}

// repeat makes a call until it is answered, or must not be made again.
func (c *Client) repeat(ctx context.Context, service, command string, request, payload any) error {
	attempts := c.attempts
	if !reads(command) && c.key == "" {
		attempts = 1 // it may have happened
	}
	for n := 1; ; n++ {
		again, err := c.do(ctx, service, command, request, payload)
		if err == nil || !again || n >= attempts {
			return err
		}
		if stopped := wait(ctx, pauseAfter(n)); stopped != nil {
			return fmt.Errorf("%w; not tried again: %w", err, stopped)
		}
	}
}

// pauseAfter is the pause after the n-th attempt: half of it and up to one and a half, so that callers who failed together do
// not come back together.
func pauseAfter(n int) time.Duration {
	pause := longestPause
	if n < 10 {
		pause = min(pause, firstPause<<(n-1))
	}
	return pause/2 + rand.N(pause) //nolint:gosec // it is no secret
}

// wait returns after the pause, or why it was stopped.
func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// passing tells whether an answer can be another one the next time: the server failed, or what is before it.
func passing(status int, err error) bool {
	if refusal := (*Error)(nil); errors.As(err, &refusal) {
		return refusal.Code == CodeInternal
	}
	return err != nil && status >= 500
}
