package bench

import (
	"context"
	"strings"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/postgres"
	"github.com/callboard/callboard/internal/sqlite"
)

// store is what children use of a store without the server around it.
type store interface {
	engine.Store
	delivery.Log
	Close() error
}

// openStore opens the database of a URL and returns how many committers the server would have for it.
func openStore(ctx context.Context, url string) (store, int, error) {
	if path, ok := strings.CutPrefix(url, sqliteScheme); ok {
		db, err := sqlite.Open(ctx, sqlite.Options{Path: path})
		if err != nil {
			return nil, 0, err
		}
		return db, 1, nil
	}
	db, err := postgres.Open(ctx, postgres.Options{URL: url})
	if err != nil {
		return nil, 0, err
	}
	return db, 16, nil
}
