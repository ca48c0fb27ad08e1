package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/callboard/callboard/usersig"
)

type usersigCommand struct {
	SDKAppID   uint32        `name:"sdkappid" required:"" help:"SDKAppID of the App." placeholder:"N"`
	Identifier string        `required:"" help:"User id that the UserSig is made for." placeholder:"ID"`
	KeyFile    string        `help:"File with the App's secret key; else the key is taken from CALLBOARD_KEY." placeholder:"F" type:"path"`
	Expire     time.Duration `help:"How long it is valid." default:"24h"`
}

// keyFileLimit is above any key; a larger file is none.
const keyFileLimit = 4096

// Run prints the UserSig on one line.
func (c *usersigCommand) Run(std streams) error {
	key, err := c.key()
	if err != nil {
		return err
	}
	sig, err := usersig.New(key, usersig.Claims{SDKAppID: c.SDKAppID, Identifier: c.Identifier, Expire: c.Expire})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(std.out, sig)
	return err
}

func (c *usersigCommand) key() (string, error) {
	if c.KeyFile == "" {
		if key := os.Getenv("CALLBOARD_KEY"); key != "" {
			return key, nil
		}
		return "", errors.New("there is no key: name a file with --key-file, or set CALLBOARD_KEY")
	}
	info, err := os.Stat(c.KeyFile)
	if err != nil {
		return "", fmt.Errorf("read the key: %w", err)
	}
	if !info.Mode().IsRegular() { // to open a FIFO waits for somebody who writes
		return "", fmt.Errorf("%s is not a regular file; a folder, device or FIFO is not read", c.KeyFile)
	}
	if info.Size() > keyFileLimit {
		return "", fmt.Errorf("%s has %d bytes; a key file has the key and nothing else", c.KeyFile, info.Size())
	}
	text, err := os.ReadFile(c.KeyFile)
	if err != nil {
		return "", fmt.Errorf("read the key: %w", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}
