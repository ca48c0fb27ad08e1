package bench

import (
	"context"
	"fmt"
	"time"
)

// drainLeg is one measurement of a server that starts on a log in which callbacks wait.
type drainLeg struct {
	spec fillSpec
	// hang says which callbacks are never answered; nil: none.
	hang func(app, room int) bool
	// expect is how many callbacks come that are answered. 0: all.
	expect int
}

// drained is what a leg gave.
type drained struct {
	rate float64 // answered callbacks a second, from the first arrival to the last
	cpu  float64 // microseconds of the server a callback, its start and stop included
	// store is the same of the processes of the store; NaN: it has none, or they cannot be seen.
	store float64
	peak  float64 // MB
	size  int64   // bytes on the disk, after the stop
	most  int64   // bytes on the disk when the last callback had come
}

// stall is how long nothing may arrive before a measurement is given up. It is above the longest pause of a schedule.
const stall = 6 * time.Minute

// drain measures one leg and checks it.
func (l *lab) drain(ctx context.Context, leg drainLeg) (d drained, err error) {
	h, err := l.prepared(ctx, leg.spec)
	if err != nil {
		return d, err
	}
	defer l.discard(h)
	if leg.expect == 0 {
		leg.expect = leg.spec.Apps * leg.spec.Callbacks
	}
	book := newLedger()
	book.hang = leg.hang
	l.receiver.use(book)
	defer l.receiver.use(nil)
	storeCPU := l.storeCPU()
	s, err := l.serve(ctx, h)
	if err != nil {
		return d, err
	}
	defer s.stop()
	if err := book.await(ctx, leg.expect, stall); err != nil {
		return d, s.fail(err)
	}
	used, err := s.usage()
	if err != nil {
		return d, err
	}
	d.rate, d.peak = book.rate(), used.peak
	if d.most, _, err = h.size(ctx); err != nil {
		return d, err
	}
	if leg.hang != nil {
		if err := l.receiver.forgive(); err != nil {
			return d, err
		}
	}
	s.stop()
	d.cpu = microseconds(s.cpu()) / float64(leg.expect)
	d.store = (l.storeCPU() - storeCPU) / float64(leg.expect)
	if d.size, _, err = h.size(ctx); err != nil {
		return d, err
	}
	l.problems("the server", book.verdict(leg.expect, 0))
	return d, l.checkAttempts(ctx, h, leg.expect)
}

// checkAttempts makes sure that the server did the whole work: each callback has its attempt on record.
func (l *lab) checkAttempts(ctx context.Context, h home, callbacks int) error {
	recorded, err := ask(ctx, h, attemptsRecorded)
	if err == nil && recorded < int64(callbacks) {
		l.problem(fmt.Sprintf("%d attempts are recorded of %d callbacks", recorded, callbacks))
	}
	return err
}

// bare measures a sender without a store, on as many callbacks over as many rooms.
func (l *lab) bare(ctx context.Context, client string, rooms, callbacks int) (rate, cpu float64, err error) {
	book := newLedger()
	l.receiver.use(book)
	defer l.receiver.use(nil)
	p, err := l.spawn(ctx, l.root, "bare sender "+client, childCommand, childSend)
	if err != nil {
		return 0, 0, err
	}
	defer p.stop()
	order := sendSpec{Client: client, URL: l.receiver.url(0), Rooms: rooms, Callbacks: callbacks, InFlight: l.scale.inFlight}
	if err := p.ask(order); err != nil {
		return 0, 0, err
	}
	var done sendResult
	if err := p.answer(&done); err != nil {
		return 0, 0, err
	}
	p.stop()
	l.problems("the bare sender "+client, book.verdict(callbacks, 0))
	return book.rate(), microseconds(p.cpu()) / float64(callbacks), nil
}
