package main

import (
	"context"
	"fmt"

	"github.com/callboard/callboard/internal/server"
)

// migrateCommand is for whoever lets the server have a role that cannot change the schema.
type migrateCommand struct{ configFlags }

// Run moves the schema of the database up to this version and ends; serve does so too, if its role may.
func (c *migrateCommand) Run(ctx context.Context, std streams) error {
	cfg, _, err := c.load()
	if err != nil {
		return err
	}
	if err := server.Migrate(ctx, cfg.Database); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "the schema of %s is that of this version\n", cfg.RedactedDatabase())
	return err
}
