package crash

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const tracedChanges = 20

// What is traced: reading requests, writing answers and files, syncing; the first execve tells the process id.
const tracedSyscalls = "trace=execve,fsync,fdatasync,write,pwrite64,writev,sendto,sendmsg,read,recvfrom"

func TestOKLeavesOnlyAfterTheSyncOfWhatItStandsFor(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed; on Debian: apt-get install strace")
	}
	folder := newFolder(t)
	waiting := startWaitingBackend(t)
	config := writeConfig(t, settings{
		Folder: folder, Callback: waiting.server.URL + "/callback", Administrators: []string{"administrator"}, Timeout: time.Minute,
	})
	trace := filepath.Join(folder, "trace")
	// 5000 bytes show a page of the database whole.
	p := startProcess(t, filepath.Join(folder, "serve.log"), strace, "-f", "-qq", "-y", "-s", "5000", "-e", "signal=none",
		"-e", tracedSyscalls, "-o", trace, binary, "serve", "--config", config, "--log-format", "json")
	address := listening(t, p)
	tracee := firstProcess(t, trace)
	t.Cleanup(func() { _ = tracee.Kill() }) // when the test has stopped it, it is gone

	c := newCaller(t, newRecorder(), address, "administrator", &http.Transport{})
	must(t, c, &call{op: opCreate, room: "r", accounts: []string{"owner"}})
	waiting.wait(t)
	for i := range tracedChanges {
		// The room has at most five administrators: each makes room for the next but four.
		if i >= maxAdmins {
			must(t, c, &call{op: opDelete, room: "r", accounts: []string{account(i - maxAdmins)}})
		}
		must(t, c, &call{op: opAdd, room: "r", accounts: []string{account(i)}})
	}
	waiting.release()
	if err := stopTraced(p, tracee); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	calls := parseTrace(string(text))
	for i := range tracedChanges {
		if err := checkTrace(calls, account(i)); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d changes in %d system calls", tracedChanges, len(calls))
}

func account(i int) string { return fmt.Sprintf("change-%02d", i) }

// must makes a call that has to be answered OK.
func must(t *testing.T, c *caller, call *call) {
	t.Helper()
	if c.do(t.Context(), call); call.outcome != done {
		t.Fatalf("%s: code %d", call.describe(), call.code)
	}
}

// firstProcess is the one whose execve begins the trace.
func firstProcess(t *testing.T, trace string) *os.Process {
	t.Helper()
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	id, rest, _ := strings.Cut(string(text), " ")
	pid, err := strconv.Atoi(id)
	if err != nil || !strings.HasPrefix(strings.TrimLeft(rest, " "), "execve(") {
		t.Fatalf("the trace does not begin with an execve: %.80q", text)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	return process
}

// stopTraced ends the traced process by SIGTERM; strace ends with it and with its exit code.
func stopTraced(p *process, tracee *os.Process) error {
	if err := tracee.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.wait(stopLimit)
}

// waitingBackend is an App backend that does not answer before it is released: meanwhile nothing is settled, so that
// whatever is written to the database belongs to the one change that is made.
type waitingBackend struct {
	server  *httptest.Server
	arrived chan struct{}
	answer  context.Context
	release context.CancelFunc
}

func startWaitingBackend(t *testing.T) *waitingBackend {
	b := &waitingBackend{arrived: make(chan struct{}, 1)}
	b.answer, b.release = context.WithCancel(context.Background())
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case b.arrived <- struct{}{}:
		default:
		}
		select {
		case <-b.answer.Done():
		case <-r.Context().Done():
		}
		w.WriteHeader(http.StatusOK)
	}))
	t.Cleanup(b.server.Close)
	t.Cleanup(b.release)
	return b
}

// wait returns when the first callback is there: then the reader of the log is open too.
func (b *waitingBackend) wait(t *testing.T) {
	t.Helper()
	select {
	case <-b.arrived:
	case <-time.After(startLimit):
		t.Fatalf("no callback arrived within %s", startLimit)
	}
}
