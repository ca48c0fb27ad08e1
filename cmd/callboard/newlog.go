package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/user"

	"github.com/callboard/callboard/internal/server"
)

// newLogCommand is for after a restore, or a failover that may have lost commits.
type newLogCommand struct {
	configFlags
	SDKAppID uint32 `name:"sdkappid" help:"SDKAppID of the App whose log gets another id." placeholder:"N"`
	All      bool   `help:"The logs of all Apps of the database."`
	JSON     bool   `name:"json" help:"Print JSON."`
}

// Run gives logs other ids and prints them.
func (c *newLogCommand) Run(ctx context.Context, std streams) error {
	if (c.SDKAppID != 0) == c.All {
		return errors.New("whose log gets another id? name one App with --sdkappid, or all of the database with --all")
	}
	cfg, _, err := c.load()
	if err != nil {
		return err
	}
	done, err := server.NewLog(ctx, cfg.Database, c.SDKAppID, operatorName())
	return errors.Join(c.print(std.out, done), err)
}

// print shows what was done, also before an error.
func (c *newLogCommand) print(w io.Writer, done []server.Renewed) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(struct{ Logs []server.Renewed }{append([]server.Renewed{}, done...)})
	}
	for _, r := range done {
		if _, err := fmt.Fprintf(w, "%d: the log %s is %s from now on\n", r.SDKAppID, r.Old, r.New); err != nil {
			return err
		}
	}
	return nil
}

// operatorName is who stands in the audit table: the user of this machine, as far as an account can hold the name.
func operatorName() string {
	const most = 32
	u, err := user.Current()
	if err != nil || len(u.Username) > most-1 {
		return "@command"
	}
	return "@" + u.Username
}
