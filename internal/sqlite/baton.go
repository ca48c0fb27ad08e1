package sqlite

import "context"

// baton is a lock whose waiting can be given up: whoever has it may write. It is a channel and no mutex, so that a
// command which waits for a slow disk ends with its context, and so that tests with a fake clock see who waits.
type baton chan struct{}

func newBaton() baton { return make(baton, 1) }

// Lock waits for the baton.
func (b baton) Lock() { b <- struct{}{} }

// LockContext waits for the baton until ctx ends.
func (b baton) LockContext(ctx context.Context) error {
	select {
	case b <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Unlock passes the baton on.
func (b baton) Unlock() { <-b }
