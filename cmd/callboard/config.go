package main

import (
	"fmt"
)

type configCommand struct {
	Check configCheckCommand `cmd:"" help:"Check a config file without starting anything."`
}

type configCheckCommand struct{ configFlags }

// Run prints what the config means, or every problem with file, line and key.
func (c *configCheckCommand) Run(std streams) error {
	cfg, warnings, err := c.load()
	for _, w := range warnings {
		_, _ = fmt.Fprintf(std.err, "warning: %s\n", w)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "the config is fine: listen %s, database %s, %d App(s)\n", cfg.Listen, cfg.RedactedDatabase(), len(cfg.Apps))
	return err
}
