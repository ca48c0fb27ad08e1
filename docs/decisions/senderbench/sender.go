package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

type sendOrder struct {
	Setup    setup
	Receiver told
}

// client posts a callback and returns when its whole answer, which must be OK, is read. It is used by one goroutine;
// those of one run share their connections.
type client interface {
	post(url string, header http.Header, body []byte) error
}

// send is the process of one run: it opens the connections, then times.
func send(text string) error {
	var order sendOrder
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		return err
	}
	clients, err := newClients(order)
	if err != nil {
		return err
	}
	cold, err := order.Receiver.usage()
	if err != nil {
		return err
	}
	// One alone first: then HTTP/2 knows the receiver, and opens one connection instead of as many as ask at once.
	for _, n := range []int{1, 50 * inFlight} {
		if _, err := burst(clients[:min(n, inFlight)], order, n); err != nil {
			return err
		}
	}
	r, err := timed(clients, order)
	if err != nil {
		return err
	}
	r.Opened -= float64(cold.Connections)
	return json.NewEncoder(os.Stdout).Encode(r)
}

// timed measures one burst.
func timed(clients []client, order sendOrder) (result, error) {
	n := order.Setup.requests()
	warm, err := order.Receiver.usage()
	if err != nil {
		return result{}, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(), time.Now()
	took, err := burst(clients, order, n)
	if err != nil {
		return result{}, err
	}
	wall, used := time.Since(start), cpuTime()-cpu
	runtime.ReadMemStats(&after)
	end, err := order.Receiver.usage()
	return result{
		Rate: float64(n) / wall.Seconds(), CPU: used / float64(n), Allocs: float64(after.Mallocs-before.Mallocs) / float64(n),
		P99: float64(took[len(took)*99/100]) / 1e6, Far: (end.CPU - warm.CPU) / float64(n),
		Opened: float64(warm.Connections - 1), Later: float64(end.Connections - warm.Connections - 1),
	}, err
}

// burst sends n callbacks and returns how long each took, sorted.
func burst(clients []client, order sendOrder, n int) ([]time.Duration, error) {
	var next atomic.Int64
	took := make([]time.Duration, n)
	errs := make(chan error, len(clients))
	var running sync.WaitGroup
	for _, c := range clients {
		running.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(n) {
					return
				}
				start := time.Now()
				if err := c.post(address(order), header(i), body(i)); err != nil {
					errs <- err
					return
				}
				took[i-1] = time.Since(start)
			}
		})
	}
	running.Wait()
	select {
	case err := <-errs:
		return nil, err
	default:
	}
	slices.Sort(took)
	return took, nil
}

// address is made for each attempt, as the callback's own is: with a token it holds the time and a signature.
func address(order sendOrder) string {
	host, path := order.Receiver.Plain, "/callback"
	if order.Setup.Scheme == "https" {
		host = order.Receiver.Secure
	}
	if order.Setup.Late {
		path = "/late"
	}
	return order.Setup.Scheme + "://" + host + path +
		"?SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterModifyAdmin&contenttype=json" +
		"&Sign=9e107d9d372bb6826bd81d3542a419d69e107d9d372bb6826bd81d3542a419d6&RequestTime=1795000000"
}

// header has the names of package wire, and values as long as real ones.
func header(i int64) http.Header {
	number := strconv.FormatInt(i, 10)
	return http.Header{
		"Content-Type":         {"application/json"},
		"Callboard-Event-Id":   {"1400000001-bench234-" + number},
		"Callboard-Log":        {"bench234"},
		"Callboard-Seq":        {number},
		"Callboard-Prev":       {number},
		"Callboard-Lane":       {"live-room-000017"},
		"Callboard-Room-Seq":   {number},
		"Callboard-Room-Prev":  {number},
		"Callboard-Room-State": {"dbb187feebe7cf72"},
		"Callboard-Attempt":    {"1"},
		"Callboard-Cause":      {"Id-0123456789abcdef0123456789abcdef-O-Seq-1234567"},
	}
}

// body is a change of five administrators, about 330 bytes.
func body(i int64) []byte {
	return fmt.Appendf(make([]byte, 0, 384), `{"CallbackCommand":"Live.CallbackAfterModifyAdmin","RoomId":"live-room-000017","EventTime":1795000000%03d,`+
		`"Operator_Account":"administrator","Admin_Account":["moderator-of-the-room-1","moderator-of-the-room-2",`+
		`"moderator-of-the-room-3","moderator-of-the-room-4","moderator-of-the-room-5"],"opType":"add"}`, i%1000)
}
