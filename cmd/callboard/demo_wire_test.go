package main

import (
	"bytes"
	"io"
	"net"
	"testing"
)

func TestConnectionIsRecordedAsItCameAndWithinBounds(t *testing.T) {
	ours, theirs := net.Pipe()
	sent := bytes.Repeat([]byte("0123456789abcdef"), maxWire/16+1)
	go func() {
		_, _ = theirs.Write(sent)
		_ = theirs.Close()
	}()
	c := &recordingConn{Conn: ours}
	read, err := io.ReadAll(c)
	if err != nil || !bytes.Equal(read, sent) {
		t.Errorf("%d bytes were read, %v; want the %d that were sent", len(read), err, len(sent))
	}
	if got := c.wire(); !bytes.Equal(got, sent[:maxWire]) {
		t.Errorf("%d bytes were kept, want the first %d", len(got), maxWire)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
