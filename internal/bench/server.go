package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// server is the server under test: a child that runs serve.
type server struct {
	*process
	url     string
	address string
	started time.Time     // when the process was begun
	ready   time.Duration // from there until /readyz said yes
}

const (
	configFile = "callboard.yaml"
	startLimit = time.Minute
)

// serve starts the server on the database and waits until it is ready. The Apps are in the database.
func (l *lab) serve(ctx context.Context, h home) (*server, error) {
	return l.serveKeeping(ctx, h, 0)
}

// serveKeeping is serve with a log that keeps what is settled for as long as that; 0: as long as by default.
func (l *lab) serveKeeping(ctx context.Context, h home, kept time.Duration) (*server, error) {
	s, err := l.launch(ctx, h, kept)
	if err != nil {
		return nil, err
	}
	if err := s.await(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// launch starts the server and does not wait.
func (l *lab) launch(ctx context.Context, h home, kept time.Duration) (*server, error) {
	config := "listen: 127.0.0.1:0\ndatabase: " + literal(h.url()) + "\n"
	if kept > 0 {
		config += "retention: {log: " + kept.String() + "}\n"
	}
	if err := os.WriteFile(filepath.Join(h.folder, configFile), []byte(config), 0o600); err != nil {
		return nil, err
	}
	args := []string{"serve", "--config", configFile, "--log-format", "json"}
	if l.opt.Profiles != "" {
		args = append(args, "--cpu-profile", l.profile())
	}
	s := &server{started: time.Now()}
	var err error
	s.process, err = l.spawn(ctx, h.folder, "serve", args...)
	return s, err
}

// literal writes a text as a value of the config, in which nothing is expanded.
func literal(text string) string { return strconv.Quote(strings.ReplaceAll(text, "$", "$$")) }

// profile names the CPU profile of the next server, for instance flood-2.pprof.
func (l *lab) profile() string {
	l.profiles++
	return filepath.Join(l.opt.Profiles, fmt.Sprintf("%s-%d.pprof", l.scenario, l.profiles))
}

// await learns the address from the server's log and asks whether it is ready until it says yes.
func (s *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if err := s.readAddress(ctx); err != nil {
		return s.fail(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport, Timeout: time.Second}
	pause := time.NewTicker(time.Millisecond)
	defer pause.Stop()
	for {
		if isReady(ctx, client, s.url) {
			s.ready = time.Since(s.started)
			return nil
		}
		select {
		case <-ctx.Done():
			return s.fail(fmt.Errorf("it is not ready: %w", ctx.Err()))
		case <-s.ended:
			return s.fail(errors.New("it ended before it was ready"))
		case <-pause.C:
		}
	}
}

// readAddress reads the log up to the line that tells where the server listens.
func (s *server) readAddress(ctx context.Context) error {
	for {
		select {
		case line := <-s.stderr.line:
			var entry struct{ Msg, Address string }
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "callboard serves" {
				s.address, s.url = entry.Address, "http://"+entry.Address
				return nil
			}
		case <-s.ended:
			return errors.New("it ended before it served")
		case <-ctx.Done():
			return fmt.Errorf("it does not serve: %w", ctx.Err())
		}
	}
}

func isReady(ctx context.Context, client *http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// usage is what the server uses now.
func (s *server) usage() (usage, error) { return processUsage(s.cmd.Process.Pid) }
