package callback

import (
	"os"
	"strings"
	"testing"
)

func TestTheDocumentedReceiverIsTheExample(t *testing.T) {
	page, err := os.ReadFile("../docs/receiver.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("example_inbox_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(page), "```go\nfunc newReceiver")
	code, _, found := strings.Cut(code, "```")
	if !found || !strings.Contains(string(example), "func newReceiver"+code) {
		t.Error("the first program of docs/receiver.md is not newReceiver and write of example_inbox_test.go")
	}
}
