package bench

import (
	"context"
	"time"
)

// flooded is what one leg of a flood gave.
type flooded struct {
	rate float64       // changes a second, until the last callback had come
	cpu  time.Duration // of the process that took the calls, over the same time
	n    float64       // changes
}

// runFlood measures changes by REST as fast as 64 clients make them, each delivered, beside a pass-through and the store
// alone, in turns.
func runFlood(ctx context.Context, l *lab) error {
	var server, cpu, store, commit []float64
	pass := map[string][]float64{}
	for range l.times(usual) {
		f, err := l.floodServer(ctx)
		if err != nil {
			return err
		}
		server, cpu = append(server, f.rate), append(cpu, microseconds(f.cpu)/f.n)
		for _, client := range []string{clientShipped, clientFastHTTP} {
			rate, err := l.floodPass(ctx, client)
			if err != nil {
				return err
			}
			pass[client] = append(pass[client], rate)
		}
		alone, err := l.floodStore(ctx)
		if err != nil {
			return err
		}
		store, commit = append(store, float64(alone.Rows)/alone.Seconds), append(commit, alone.CommitP50)
	}
	l.figure("flood rate", "changes/s", server, nil)
	l.figure("pass-through, net/http and the shipped sender", "changes/s", pass[clientShipped], nil)
	l.figure("pass-through, fasthttp", "changes/s", pass[clientFastHTTP], nil)
	l.figure("store alone, groups of 64", "changes/s", store, nil)
	l.figure("store alone, a group's commit", "ms", commit, nil)
	l.figure("against the pass-through, net/http", "ratio", ratios(server, pass[clientShipped]), atLeast(0.50))
	l.figure("against the pass-through, fasthttp", "ratio", ratios(server, pass[clientFastHTTP]), nil)
	l.figure("against the store alone", "ratio", ratios(server, store), nil)
	l.figure("CPU of the server", "µs/change", cpu, nil)
	return nil
}

func (l *lab) floodServer(ctx context.Context) (flooded, error) {
	folder, err := l.prepared(ctx, fillSpec{Apps: 1, Rooms: l.scale.rooms})
	if err != nil {
		return flooded{}, err
	}
	defer l.discard(folder)
	s, err := l.serve(ctx, folder)
	if err != nil {
		return flooded{}, err
	}
	defer s.stop()
	return l.flood(ctx, s.process, s.address, "the server")
}

func (l *lab) floodPass(ctx context.Context, client string) (float64, error) {
	p, err := l.spawn(ctx, l.root, "pass-through "+client, childCommand, childPass)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	if err := p.ask(passSpec{Client: client, URL: l.receiver.url(0), InFlight: l.scale.inFlight}); err != nil {
		return 0, err
	}
	var up passResult
	if err := p.answer(&up); err != nil {
		return 0, err
	}
	f, err := l.flood(ctx, p, up.Address, "the pass-through "+client)
	return f.rate, err
}

func (l *lab) floodStore(ctx context.Context) (storeResult, error) {
	folder, err := l.folder()
	if err != nil {
		return storeResult{}, err
	}
	defer l.discard(folder)
	return l.storeAlone(ctx, folder, storeSpec{Rooms: l.scale.rooms, Group: l.scale.inFlight, For: l.scale.floodFor})
}

// flood warms up, then counts: both halves with the same rooms, and each waits for its last callback.
func (l *lab) flood(ctx context.Context, p *process, address, who string) (f flooded, err error) {
	book := newLedger()
	l.receiver.use(book)
	defer l.receiver.use(nil)
	client := newHostClient(address, l.scale.inFlight)
	defer client.CloseIdleConnections()
	load, err := newFleet(client, 0, l.scale.rooms)
	if err != nil {
		return f, err
	}
	play := func(d time.Duration) error {
		closedLoop(ctx, l.scale.inFlight, d, load.change)
		if err := book.await(ctx, int(load.done.Load()), stall); err != nil {
			return p.fail(err)
		}
		return ctx.Err()
	}
	if err := play(l.scale.warm); err != nil {
		return f, err
	}
	before, err := processUsage(p.cmd.Process.Pid)
	if err != nil {
		return f, err
	}
	start, warm := time.Now(), load.done.Load()
	if err := play(l.scale.floodFor); err != nil {
		return f, err
	}
	after, err := processUsage(p.cmd.Process.Pid)
	if err != nil {
		return f, err
	}
	f.n, f.cpu = float64(load.done.Load()-warm), after.cpu-before.cpu
	f.rate = f.n / book.lastAt().Sub(start).Seconds()
	p.stop()
	l.problems(who, load.problems())
	l.problems(who, book.verdict(int(load.done.Load()), int(load.unknown.Load())))
	return f, nil
}
