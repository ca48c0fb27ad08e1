package sqlite

import (
	"testing"

	"github.com/callboard/callboard/internal/storetest"
)

// BenchmarkPages is what a page of an operator takes beside a million rows: below 50 ms, whatever it is asked for.
func BenchmarkPages(b *testing.B) { storetest.Pages(b, openTemp(b)) }

// BenchmarkCrowded is the end of a room with a million members.
func BenchmarkCrowded(b *testing.B) { storetest.Crowded(b, openTemp(b)) }
