package bench

import (
	"context"
	"time"
)

// flooded is what one leg of a flood gave.
type flooded struct {
	rate float64       // changes a second, until the last callback had come
	cpu  time.Duration // of the process that took the calls, over the same time
	// store is the same of the processes of the store, in microseconds; NaN: it has none, or they cannot be seen.
	store float64
	n     float64 // changes
	wal   float64 // bytes that the store wrote to its write-ahead log; NaN: nobody can say
	// began and ended are when it was measured.
	began, ended time.Time
}

// floodLeg is one measurement of what takes the calls.
type floodLeg struct {
	process *process
	address string
	who     string
	warm    time.Duration
	past    past
	// done is called when all was measured and the process still runs; nil: nobody asks.
	done func() error
}

// runFlood measures changes by REST as fast as 64 clients make them, each delivered, beside a pass-through and the store
// alone, in turns.
func runFlood(ctx context.Context, l *lab) error {
	var server, cpu, storeCPU, wal, store, commit []float64
	pass := map[string][]float64{}
	for range l.times(usual) {
		f, err := l.floodServer(ctx)
		if err != nil {
			return err
		}
		server, cpu, storeCPU = append(server, f.rate), append(cpu, microseconds(f.cpu)/f.n), append(storeCPU, f.store/f.n)
		wal = append(wal, f.wal/f.n)
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
	l.figure("CPU of the database", "µs/change", storeCPU, nil)
	l.figure("write-ahead log that was written", "bytes/change", wal, nil)
	return nil
}

func (l *lab) floodServer(ctx context.Context) (flooded, error) {
	h, err := l.prepared(ctx, fillSpec{Apps: 1, Rooms: l.scale.rooms})
	if err != nil {
		return flooded{}, err
	}
	defer l.discard(h)
	s, err := l.serve(ctx, h)
	if err != nil {
		return flooded{}, err
	}
	defer s.stop()
	return l.flood(ctx, floodLeg{process: s.process, address: s.address, who: "the server", warm: l.scale.warm})
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
	f, err := l.flood(ctx, floodLeg{process: p, address: up.Address, who: "the pass-through " + client, warm: l.scale.warm})
	return f.rate, err
}

func (l *lab) floodStore(ctx context.Context) (storeResult, error) {
	h, err := l.empty(ctx)
	if err != nil {
		return storeResult{}, err
	}
	defer l.discard(h)
	return l.storeAlone(ctx, h, storeSpec{Rooms: l.scale.rooms, Group: l.scale.inFlight, For: l.scale.floodFor}, nil)
}

// flood warms up, then counts: both halves with the same rooms, and each waits for its last callback.
func (l *lab) flood(ctx context.Context, leg floodLeg) (f flooded, err error) {
	p := leg.process
	book := newLedger()
	book.past = leg.past
	l.receiver.use(book)
	defer l.receiver.use(nil)
	client := newHostClient(leg.address, l.scale.inFlight)
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
	if err := play(leg.warm); err != nil {
		return f, err
	}
	written, err := l.place.written(ctx)
	if err != nil {
		return f, err
	}
	before, err := processUsage(p.cmd.Process.Pid)
	if err != nil {
		return f, err
	}
	storeCPU := l.storeCPU()
	warm := load.done.Load()
	f.began = time.Now()
	if err := play(l.scale.floodFor); err != nil {
		return f, err
	}
	after, err := processUsage(p.cmd.Process.Pid)
	if err != nil {
		return f, err
	}
	f.n, f.cpu, f.store = float64(load.done.Load()-warm), after.cpu-before.cpu, l.storeCPU()-storeCPU
	f.ended = book.lastAt()
	writtenSince, err := l.place.written(ctx)
	if err != nil {
		return f, err
	}
	f.wal = writtenSince - written
	f.rate = f.n / f.ended.Sub(f.began).Seconds()
	if leg.done != nil {
		if err := leg.done(); err != nil {
			return f, p.fail(err)
		}
	}
	p.stop()
	l.problems(leg.who, load.problems())
	l.problems(leg.who, book.verdict(int(load.done.Load()), int(load.unknown.Load())))
	return f, nil
}
