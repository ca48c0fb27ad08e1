package crash

import (
	"strings"
	"testing"
)

// The parts of a trace, as strace writes them.
const (
	requestLine = `11 read(8<socket:[77]>, "POST /v4/live_engine_http_srv/modify_admin?sdkappid=1 HTTP/1.1\r\n\r\n{\"Admin_Account\":[\"change-01\"]}", 4096) = 90`
	frameLine   = `12 pwrite64(5</data/callboard.db-wal>, "\0\0\0\1\0", 24, 32) = 24`
	roomLine    = `12 pwrite64(5</data/callboard.db-wal>, "\r\0{\"admins\":[\"change-01\"]}", 4096, 56) = 4096`
	logLine     = `12 pwrite64(5</data/callboard.db-wal>, "Live.CallbackAfterModifyAdmin{\"Admin_Account\":[\"change-01\"]}", 4096, 4152) = 4096`
	syncLine    = `12 fdatasync(5</data/callboard.db-wal>)   = 0`
	answerLine  = `11 write(8<socket:[77]>, "HTTP/1.1 200 OK\r\n\r\n{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0}", 150) = 150`
)

func TestTraceOfADurableAnswerIsAccepted(t *testing.T) {
	for _, test := range []struct {
		name  string
		lines []string
	}{
		{"in a row", []string{requestLine, frameLine, roomLine, frameLine, logLine, syncLine, answerLine}},
		{"with other calls between", []string{
			`10 read(3<anon_inode:[eventpoll]>, 0xc000, 8) = -1 EAGAIN (Resource temporarily unavailable)`,
			requestLine, `10 --- SIGURG {si_signo=SIGURG} ---`, roomLine, logLine, syncLine, `12 fdatasync(6</data>) = 0`, answerLine,
		}},
		{"interrupted", []string{
			`11 read(8<socket:[77]>,  <unfinished ...>`, `12 fdatasync(9</data/callboard.db> <unfinished ...>`,
			`11 <... read resumed>` + strings.SplitAfterN(requestLine, ",", 2)[1], `12 <... fdatasync resumed>)          = 0`,
			roomLine, logLine,
			`12 fdatasync(5</data/callboard.db-wal> <unfinished ...>`, `13 write(2</data/log>, "x", 1) = 1`,
			`12 <... fdatasync resumed>)          = 0`, answerLine,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := checkTrace(parseTrace(strings.Join(test.lines, "\n")), "change-01"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTraceOfAnAnswerThatIsNotDurableIsRejected(t *testing.T) {
	const noSync = "no sync of the WAL"
	for _, test := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"synced after the answer", []string{requestLine, roomLine, logLine, answerLine, syncLine}, noSync},
		{"never synced", []string{requestLine, roomLine, logLine, answerLine}, noSync},
		{"synced before the last write", []string{requestLine, roomLine, syncLine, logLine, answerLine}, noSync},
		{"a frame written after the sync", []string{requestLine, roomLine, logLine, syncLine, frameLine, answerLine}, noSync},
		{"the sync before the request", []string{syncLine, requestLine, roomLine, logLine, answerLine}, noSync},
		{"the sync failed", []string{requestLine, roomLine, logLine,
			`12 fdatasync(5</data/callboard.db-wal>) = -1 EIO (Input/output error)`, answerLine}, noSync},
		{"another file was synced", []string{requestLine, roomLine, logLine, `12 fdatasync(4</data/callboard.db>) = 0`, answerLine}, noSync},
		{"the answer began before the end of the sync", []string{requestLine, roomLine, logLine,
			`12 fdatasync(5</data/callboard.db-wal> <unfinished ...>`, answerLine, `12 <... fdatasync resumed>) = 0`}, noSync},
		{"the sync began before the end of the last write", []string{requestLine, roomLine,
			strings.Split(logLine, ", 4096,")[0] + `, 4096, 4152 <unfinished ...>`,
			`13 fdatasync(5</data/callboard.db-wal>) = 0`, `12 <... pwrite64 resumed>) = 4096`, answerLine}, noSync},
		{"the change was not written", []string{requestLine, frameLine, syncLine, answerLine}, "the change was not written"},
		{"the callback was not written", []string{requestLine, roomLine, syncLine, answerLine}, "the callback was not written"},
		{"written to another file", []string{requestLine, strings.ReplaceAll(logLine, "-wal", ""), syncLine, answerLine}, "the change was not written"},
		{"not answered", []string{requestLine, roomLine, logLine, syncLine}, "not answered OK"},
		{"refused", []string{requestLine, roomLine, logLine, syncLine, strings.ReplaceAll(answerLine, ":0}", ":100001}")}, "not answered OK"},
		{"another connection was answered", []string{requestLine, roomLine, logLine, syncLine, strings.ReplaceAll(answerLine, "77", "78")}, "not answered OK"},
		{"no request", []string{roomLine, logLine, syncLine, answerLine}, "the request was not read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := checkTrace(parseTrace(strings.Join(test.lines, "\n")), "change-01")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}
