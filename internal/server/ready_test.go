package server

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/sqlite"
)

// closedLog opens no reader.
type closedLog struct{ delivery.Log }

func (closedLog) Open(context.Context, delivery.ReaderID) (delivery.Position, error) {
	return delivery.Position{}, errors.New("a page cannot be read")
}

func TestServerIsNotReadyWhileDeliveryIsStuckThoughTheStoreCanBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callboard.db")
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), sqlite.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		s := &Server{db: db, dispatch: delivery.New(delivery.Options{
			Log: closedLog{db}, Settings: func(live.AppID) *live.App { return &live.App{} },
		})}
		if err := errors.Join(s.dispatch.Start(t.Context()), s.ready()); err != nil {
			t.Fatal(err)
		}
		s.dispatch.HandOver(testApp, nil)
		<-time.After(15 * time.Second)
		if err := s.ready(); err == nil || !strings.Contains(err.Error(), "the store has failed") {
			t.Errorf("ready says %v, want what is stuck", err)
		}
		s.dispatch.Stop()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
