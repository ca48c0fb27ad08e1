package feed

// Tails is how many Apps are followed.
func (h *Handler) Tails() int {
	h.tails.mu.Lock()
	defer h.tails.mu.Unlock()
	return len(h.tails.byApp)
}
