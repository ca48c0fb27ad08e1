package crash

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
	"time"
)

// The App of these tests.
const (
	sdkAppID = 1400000001
	key      = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
	token    = "crash-token"
)

// newFolder makes the folder of a test. A test that fails leaves it and says where it is.
func newFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "callboard-crash-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the config, the database and the logs are left in %s", folder)
			return
		}
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// settings are what differs between the configs of the tests.
type settings struct {
	Folder         string
	Database       string // empty: a file in the folder
	SDKAppID       int
	Key, Token     string
	Callback       string // URL of the App backend
	Administrators []string
	Timeout        time.Duration
	GiveUpAfter    time.Duration // 0: the standard
	KeepLog        time.Duration // 0: the standard
}

// Changes of a room's information are not subscribed: they take numbers that no callback shows.
var configFile = template.Must(template.New("config").Parse(`listen: 127.0.0.1:0
database: {{if .Database}}{{.Database}}{{else}}sqlite:{{.Folder}}/callboard.db{{end}}
{{- if .KeepLog}}
retention: {log: {{.KeepLog}}}
{{- end}}
apps:
  - sdkappid: {{.SDKAppID}}
    key: {{.Key}}
    administrators:
{{- range .Administrators}}
      - {{.}}
{{- end}}
    callback:
      url: {{.Callback}}
      commands:
        - Live.CallbackAfterModifyAdmin
        - Live.CallbackAfterChangeOwner
        - Live.CallbackAfterCreateRoom
        - Live.CallbackAfterDestroyRoom
      token: {{.Token}}
    delivery:
      timeout: {{.Timeout}}
{{- if .GiveUpAfter}}
      give_up_after: {{.GiveUpAfter}}
{{- end}}
`))

// writeConfig writes callboard.yaml into the folder and returns its path.
func writeConfig(t *testing.T, s settings) string {
	t.Helper()
	s.SDKAppID, s.Key, s.Token = sdkAppID, key, token
	var text strings.Builder
	if err := configFile.Execute(&text, s); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Folder, "callboard.yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
