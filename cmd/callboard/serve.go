package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/callboard/callboard/internal/config"
	"github.com/callboard/callboard/internal/server"
)

// configFlags choose the config; flags beat the environment, which beats the file.
type configFlags struct {
	Config   string `help:"Config file; ./callboard.yaml if there is one." placeholder:"FILE" type:"path"`
	Listen   string `help:"Address to listen on (default ${default_listen})." placeholder:"ADDR"`
	Database string `help:"Database, sqlite:FILE or postgres://USER@HOST/DB (default ${default_database})." placeholder:"URL"`
}

// load reads the config and holds it against the rules of the server, so that "config check" refuses what "serve" does.
func (f configFlags) load() (config.Config, []config.Warning, error) {
	return config.Load(config.Options{Path: f.Config, Listen: f.Listen, Database: f.Database, Check: server.Check})
}

type serveCommand struct {
	configFlags
	logFlags
	CPUProfile string `name:"cpu-profile" hidden:"" type:"path"` // bench --profile
}

// Run serves until SIGTERM or SIGINT, then finishes what is in flight.
func (c *serveCommand) Run(ctx context.Context, std streams) error {
	cfg, warnings, err := c.load()
	if err != nil {
		return err
	}
	collectLate()
	stopProfile, err := profileCPU(c.CPUProfile)
	if err != nil {
		return err
	}
	defer stopProfile()
	log := c.logger(std.err)
	warn(log, warnings)
	limitMemory(cfg.Memory)
	s, err := server.New(ctx, server.Options{Config: cfg, Log: log, Version: version()})
	if errors.Is(err, server.ErrNoApp) {
		return noApp(std.err, err)
	}
	if err != nil && ctx.Err() != nil {
		log.Info("callboard was told to stop before it served", "error", err)
		return nil // to be stopped is no failure, at whatever point of the start
	}
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// limitMemory makes the collector work harder when the process comes near to the setting memory, which the budgets of the
// server alone do not bound. GOMEMLIMIT of the environment stands.
func limitMemory(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes)
	}
}

func warn(log *slog.Logger, warnings []config.Warning) {
	for _, w := range warnings {
		log.Warn("config: " + w.String())
	}
}

// noApp shows what a config needs at least.
func noApp(w io.Writer, err error) error {
	_, _ = fmt.Fprintf(w, "A config needs at least one App:\n\n%s\n", config.Minimal)
	return err
}
