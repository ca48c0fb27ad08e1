package operate

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/live"
)

// slowStore answers nothing until it is released, and counts who asks.
type slowStore struct {
	fake
	release chan struct{}

	mu           sync.Mutex
	asking, most int
}

func (s *slowStore) Attempts(context.Context, live.AppID, Search) (Page[Delivery], error) {
	s.count(1)
	defer s.count(-1)
	<-s.release
	return Page[Delivery]{}, nil
}

func (s *slowStore) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asking += n
	s.most = max(s.most, s.asking)
}

func TestOperatorsLeaveTheStoreToWhoDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{release: make(chan struct{})}
		c := NewControl(s, s, s, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		failed := make(chan error, 10)
		for range cap(failed) {
			go func() {
				_, err := c.Deliveries(ctx, testApp, Filter{})
				failed <- err
			}()
		}
		synctest.Wait()
		for range cap(failed) - standardTurns { // time passes
			if err := <-failed; !errors.Is(err, call.ErrBusy) {
				t.Errorf("who waited for a second has the error %v, want that others ask", err)
			}
		}
		close(s.release)
		for range standardTurns {
			if err := <-failed; err != nil {
				t.Error(err)
			}
		}
		if s.most != standardTurns {
			t.Errorf("%d asked the store at one time, want %d", s.most, standardTurns)
		}
	})
}
