package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

type whyCommand struct {
	askFlags
	Event  string `arg:"" help:"Event id, as in the header Callboard-Event-Id." placeholder:"EVENT"`
	Reader string `help:"Reader that is to send it (default: that of the callback URL)." placeholder:"NAME"`
}

var errUnknownEvent = errors.New("the server does not know the event")

// Run prints what became of an event, and why it has not arrived.
func (c *whyCommand) Run(ctx context.Context, std streams) error {
	if c.SDKAppID == 0 {
		c.SDKAppID = appOf(c.Event)
	}
	query := url.Values{"event": {c.Event}}
	if c.Reader != "" {
		query.Set("reader", c.Reader)
	}
	answer, err := c.ask(ctx, call{path: "why", query: query})
	if err != nil {
		return err
	}
	var story struct{ State, Text string }
	if err := json.Unmarshal(answer, &story); err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	if c.JSON {
		story.Text = string(answer)
	}
	if _, err := fmt.Fprint(std.out, story.Text); err != nil {
		return err
	}
	if story.State == "unknown" {
		return errUnknownEvent
	}
	return nil
}
