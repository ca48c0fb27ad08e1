package delivery

// Running is how many readers have a goroutine now.
func (d *Dispatcher) Running() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, r := range d.readers {
		if r.running {
			n++
		}
	}
	return n
}

// Stopping is closed when Stop has begun.
func (d *Dispatcher) Stopping() <-chan struct{} { return d.stopping }

// Used is how many bytes of events are in the windows of all Apps, as accounted.
func (d *Dispatcher) Used() int64 { return d.used.Load() }

// Readers is how many readers are in memory.
func (d *Dispatcher) Readers() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.readers)
}

// SettingsChangedFor is what SettingsChanged does for a reader that it saw and that has ended since.
func (d *Dispatcher) SettingsChangedFor(id ReaderID) { d.wake(id, nil) }
