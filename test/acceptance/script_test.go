//go:build unix

package acceptance

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/callboard/callboard/usersig"
)

// TestScript runs what a shell shows: each file of testdata/script is a promise.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Deadline:            time.Now().Add(2 * patience),
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+env.Getenv("PATH"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"sigfile": sigFile,
		},
	})
}

// exits CODE COMMAND ARG... runs a command that must end with the exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			ts.Fatalf("run %s: %v", args[1], err)
		}
		got = ended.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// sigfile FILE KEY SDKAPPID IDENTIFIER LIFETIME checks that a file is one line, a UserSig that the key verifies and that
// ends when it should.
func sigFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: sigfile FILE KEY SDKAPPID IDENTIFIER LIFETIME")
	}
	app, err := strconv.ParseUint(args[2], 10, 32)
	ts.Check(err)
	lifetime, err := time.ParseDuration(args[4])
	ts.Check(err)
	sig, rest, _ := strings.Cut(ts.ReadFile(args[0]), "\n")
	if rest != "" {
		ts.Fatalf("there is more than one line: %q", rest)
	}
	now := time.Now()
	token, err := usersig.Verify(sig, args[1], uint32(app), args[3], now)
	ts.Check(err)
	if off := token.ValidUntil().Sub(now.Add(lifetime)).Abs(); off > time.Minute {
		ts.Fatalf("it is valid until %v, %v off", token.ValidUntil(), off)
	}
}
