package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

type redeliverCommand struct {
	askFlags
	Event  string `help:"One callback, by its event id." placeholder:"EVENT"`
	Lane   string `help:"Callbacks of one lane: a RoomId, with /members or /messages behind it, or @app." placeholder:"LANE"`
	From   int64  `help:"First number of the log." placeholder:"N"`
	To     int64  `help:"Last number of the log." placeholder:"N"`
	Dead   bool   `help:"Only what is a dead letter."`
	All    bool   `help:"Everything that the log has."`
	Reader string `help:"Reader whose callbacks they are, and where they are sent: endpoint-NAME (default: that of the callback URL)." placeholder:"NAME"`
}

// Run asks for callbacks to be sent again.
func (c *redeliverCommand) Run(ctx context.Context, std streams) error {
	named := c.Event != "" || c.Lane != "" || c.From != 0 || c.To != 0 || c.Dead
	if named == c.All {
		return errors.New("what is to be sent again? name it with --event, --lane, --from, --to or --dead; or use --all alone for everything")
	}
	if c.SDKAppID == 0 {
		c.SDKAppID = appOf(c.Event)
	}
	body := struct {
		Event, Lane, Reader string
		From, To            int64
		DeadOnly            bool
	}{c.Event, c.Lane, c.Reader, c.From, c.To, c.Dead}
	return c.post(ctx, std, "redeliver", body, func(answer map[string]any) string {
		return fmt.Sprintf("%v sends them again, beside what is sent anyway; callboard discard --reader %v cancels it", answer["Redelivery"], answer["Redelivery"])
	})
}

type pauseCommand struct {
	askFlags
	Reader string `help:"Reader to pause (default: that of the callback URL)." placeholder:"NAME"`
	Reason string `help:"Why, for people: it stands in callboard why and in the log." placeholder:"TEXT"`
}

// Run makes a reader send nothing until it is resumed.
func (c *pauseCommand) Run(ctx context.Context, std streams) error {
	return c.post(ctx, std, "pause", struct{ Reader, Reason string }{c.Reader, c.Reason}, func(answer map[string]any) string {
		resume := "callboard resume"
		if c.Reader != "" { // without it, the callback's is resumed
			resume += " --reader " + c.Reader
		}
		return fmt.Sprintf("%v is paused; everything is kept until %s", answer["Reader"], resume)
	})
}

type resumeCommand struct {
	askFlags
	Reader string `help:"Reader to resume (default: that of the callback URL)." placeholder:"NAME"`
}

// Run ends a pause.
func (c *resumeCommand) Run(ctx context.Context, std streams) error {
	return c.post(ctx, std, "resume", struct{ Reader string }{c.Reader}, func(answer map[string]any) string {
		return fmt.Sprintf("%v sends again", answer["Reader"])
	})
}

type discardCommand struct {
	askFlags
	Reader string `help:"Reader whose backlog is discarded: endpoint-NAME; or a redelivery to cancel (default: that of the callback URL)." placeholder:"NAME"`
	To     int64  `help:"Last number of the log that nobody wants any more (default: all that there is now)." placeholder:"N"`
	Yes    bool   `help:"Needed to discard a backlog: nothing of it is sent by itself any more." short:"y"`
}

// Run discards what waits.
func (c *discardCommand) Run(ctx context.Context, std streams) error {
	if !strings.HasPrefix(c.Reader, "redelivery-") && !c.Yes {
		return errors.New("callbacks that wait would never be sent, but for a redelivery; say --yes if that is meant")
	}
	body := struct {
		Reader string
		To     int64
	}{c.Reader, c.To}
	return c.post(ctx, std, "discard", body, func(answer map[string]any) string {
		if to, _ := answer["To"].(float64); to > 0 {
			return fmt.Sprintf("what waited for %v up to number %.0f is discarded; each lane's next callback there announces it", answer["Reader"], to)
		}
		return fmt.Sprintf("nothing of %v is sent any more", answer["Reader"])
	})
}
