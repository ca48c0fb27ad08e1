package bench

import "context"

// runDrain measures how fast a backlog leaves, beside senders without a store, in turns.
func runDrain(ctx context.Context, l *lab) error {
	spec := fillSpec{Apps: 1, Rooms: l.scale.rooms, Callbacks: l.scale.callbacks}
	var server, cpu, store []float64
	bare, bareCPU := map[string][]float64{}, map[string][]float64{}
	for range l.times(usual) {
		d, err := l.drain(ctx, drainLeg{spec: spec})
		if err != nil {
			return err
		}
		server, cpu, store = append(server, d.rate), append(cpu, d.cpu), append(store, d.store)
		for _, client := range clients {
			rate, used, err := l.bare(ctx, client, spec.Rooms, spec.Callbacks)
			if err != nil {
				return err
			}
			bare[client], bareCPU[client] = append(bare[client], rate), append(bareCPU[client], used)
		}
	}
	l.figure("drain rate", "callbacks/s", server, nil)
	for _, client := range clients {
		l.figure("bare sender, "+client, "callbacks/s", bare[client], nil)
	}
	l.figure("against the bare sender, "+clientShipped, "ratio", ratios(server, bare[clientShipped]), atLeast(0.60), atLeast(0.45))
	l.figure("against the bare sender, "+clientNetHTTP, "ratio", ratios(server, bare[clientNetHTTP]), nil)
	all := fastest(bare[clientShipped], bare[clientNetHTTP], bare[clientFastHTTP])
	l.figure("against the fastest bare sender", "ratio", ratios(server, all), atLeast(0.45))
	l.figure("CPU of the server", "µs/callback", cpu, nil)
	l.figure("CPU of the database", "µs/callback", store, nil)
	for _, client := range clients {
		l.figure("CPU of the bare sender, "+client, "µs/callback", bareCPU[client], nil)
	}
	return nil
}
