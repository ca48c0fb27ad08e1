package feed_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
)

// counting is a store that counts what is asked of it.
type counting struct {
	store
	asked atomic.Int64
}

func (c *counting) EventsAfter(ctx context.Context, app live.AppID, after int64, page feed.Page) ([]eventlog.Event, bool, error) {
	c.asked.Add(1)
	return c.store.EventsAfter(ctx, app, after, page)
}

// connect opens a stream over a connection of its own and returns its lines, when its header has come.
func connect(t testing.TB, client *http.Client, url string) *bufio.Reader {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+call.Prefix+"events?sdkappid="+testApp.String(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	req.Header.Set("Accept", "text/event-stream")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("a reader is answered %s", resp.Status)
	}
	return bufio.NewReaderSize(resp.Body, 512)
}

// nextID reads on to the next event.
func nextID(lines *bufio.Reader) (string, error) {
	for {
		line, err := lines.ReadString('\n')
		if id, ok := strings.CutPrefix(line, "id: "); ok || err != nil {
			return strings.TrimSpace(id), err
		}
	}
}

func memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// The readers' own ends are counted too, because they are in this process.
func TestAThousandReadersOfAnAppAreWithinTheBudget(t *testing.T) {
	const count, budget, events = 1000, 256 << 10, 20
	db := &counting{store: openSQLite(t)}
	w := newWorld(t, db, func(o *feed.Options) { o.Readers = 2 * count }) // of which one App has half
	s := httptest.NewUnstartedServer(w.feed)
	s.Config.ReadTimeout, s.Config.WriteTimeout = 20*time.Second, 30*time.Second // as package server has them
	s.Start()
	t.Cleanup(s.Close)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: count}}
	t.Cleanup(client.CloseIdleConnections)
	before := memory()
	readers := make([]*bufio.Reader, count)
	for i := range readers {
		readers[i] = connect(t, client, s.URL)
	}
	asked := db.asked.Load()
	w.create("r1")
	w.modify("r1", events-1)
	var reading sync.WaitGroup
	for _, lines := range readers {
		reading.Go(func() {
			for seq := range events {
				if id, err := nextID(lines); err != nil || id != fmt.Sprintf("%s.%d", testLog, seq+1) {
					t.Errorf("event %d of a reader is %q, %v", seq+1, id, err)
					return
				}
			}
		})
	}
	reading.Wait()
	each := (memory() - before) / count
	t.Logf("%d bytes a reader, both ends", each)
	if each > budget {
		t.Errorf("a reader costs %d bytes, want at most %d", each, budget)
	}
	if asked = db.asked.Load() - asked; asked > 4*events {
		t.Errorf("%d events for %d readers took %d reads of the log, want a few each", events, count, asked)
	}
	w.end() // the streams end, so that the server can
}

// discard takes a stream and counts the events in it.
type discard struct {
	header http.Header
	wanted *sync.WaitGroup // done for each event
}

func (d *discard) Header() http.Header { return d.header }
func (*discard) WriteHeader(int)       {}
func (*discard) Flush()                {}
func (d *discard) Write(text []byte) (int, error) {
	if len(text) > 2 && text[0] == 'i' {
		d.wanted.Done()
	}
	return len(text), nil
}

// BenchmarkTailWithAThousandReaders is one event from its commit until the last of a thousand has it.
func BenchmarkTailWithAThousandReaders(b *testing.B) {
	const readers = 1000
	w := newWorld(b, openSQLite(b), func(o *feed.Options) { o.Readers = 2 * readers })
	ctx, cancel := context.WithCancel(b.Context())
	var wanted, open sync.WaitGroup
	for range readers {
		open.Go(func() {
			req := stream("events").WithContext(ctx)
			w.feed.ServeHTTP(&discard{http.Header{}, &wanted}, req)
		})
	}
	wanted.Add(readers)
	w.create("r1") // all are there when they have it
	wanted.Wait()
	b.ReportAllocs()
	for b.Loop() {
		wanted.Add(readers)
		w.modify("r1", 1)
		wanted.Wait()
	}
	b.ReportMetric(float64(b.N*readers)/b.Elapsed().Seconds(), "events/s")
	cancel()
	open.Wait()
}

// BenchmarkBacklog is a page of a thousand events from the log.
func BenchmarkBacklog(b *testing.B) {
	w := newWorld(b, openSQLite(b))
	var events []eventlog.Event
	for range 1000 {
		events = append(events, event("r", `"`+strings.Repeat("x", 300)+`"`))
	}
	w.append(events...)
	b.ReportAllocs()
	for b.Loop() {
		rec := httptest.NewRecorder()
		rec.Body = nil
		w.feed.ServeHTTP(rec, poll("events?limit=1000"))
	}
	b.ReportMetric(float64(b.N*len(events))/b.Elapsed().Seconds(), "events/s")
}
