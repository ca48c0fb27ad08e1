//go:build unix

package config_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/callboard/callboard/internal/config"
)

func TestWhatIsNoRegularFileIsRefusedUnread(t *testing.T) {
	folder := t.TempDir()
	fifo := folder + "/fifo"
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, folder, os.DevNull} {
		_, _, err := config.Load(config.Options{Path: path, Getenv: environment(nil)})
		if err == nil || !strings.Contains(err.Error(), path+": it is not a regular file") {
			t.Errorf("config %s: got %v, want a refusal that says what it is", path, err)
		}
		_, _, err = load(t, "apps: [{sdkappid: 1, key_file: "+path+"}]", nil)
		if err == nil || !strings.Contains(err.Error(), "apps[0].key_file: the file cannot be read: it is not a regular file") {
			t.Errorf("key_file %s: got %v, want a refusal that says what it is", path, err)
		}
	}
}
