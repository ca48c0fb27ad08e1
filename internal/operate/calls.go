package operate

// redeliver answers with the name of the redelivery.
func (h *Handler) redeliver(r *request) (any, error) {
	var ask Again
	if err := decode(r.body, &ask); err != nil {
		return nil, err
	}
	name, err := h.control.Redeliver(r.ctx, r.app, r.by.Account, ask)
	return struct{ Redelivery string }{name}, err
}

func (h *Handler) pause(r *request) (any, error) {
	var ask struct{ Reader, Reason string }
	if err := decode(r.body, &ask); err != nil {
		return nil, err
	}
	name, err := h.control.Pause(r.ctx, r.app, r.by.Account, ask.Reader, ask.Reason)
	return struct{ Reader string }{name}, err
}

func (h *Handler) resume(r *request) (any, error) {
	var ask struct{ Reader string }
	if err := decode(r.body, &ask); err != nil {
		return nil, err
	}
	name, err := h.control.Resume(r.ctx, r.app, r.by.Account, ask.Reader)
	return struct{ Reader string }{name}, err
}

func (h *Handler) discard(r *request) (any, error) {
	var ask struct {
		Reader string
		To     int64
	}
	if err := decode(r.body, &ask); err != nil {
		return nil, err
	}
	return answer(h.control.Discard(r.ctx, r.app, r.by, ask.Reader, ask.To))
}

func (h *Handler) deliveries(r *request) (any, error) {
	f, err := parseFilter(r.query)
	if err != nil {
		return nil, err
	}
	return answer(h.control.Deliveries(r.ctx, r.app, f))
}

func (h *Handler) dead(r *request) (any, error) {
	f, err := parseFilter(r.query)
	if err != nil {
		return nil, err
	}
	return answer(h.control.Dead(r.ctx, r.app, f))
}

func (h *Handler) why(r *request) (any, error) {
	return answer(h.control.Why(r.ctx, r.app, r.query.Get("reader"), r.query.Get("event")))
}

// answer makes one of any type.
func answer[T any](t T, err error) (any, error) { return t, err }
