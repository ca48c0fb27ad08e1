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
	key, err := readKey(c.KeyFile)
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

// readKey reads the key of an App out of a file, or, without one, out of CALLBOARD_KEY.
func readKey(file string) (string, error) {
	if file == "" {
		if key := os.Getenv("CALLBOARD_KEY"); key != "" {
			return key, nil
		}
		return "", errors.New("there is no key: name a file with --key-file, or set CALLBOARD_KEY")
	}
	info, err := os.Stat(file)
	if err != nil {
		return "", fmt.Errorf("read the key: %w", err)
	}
	if !info.Mode().IsRegular() { // to open a FIFO waits for somebody who writes
		return "", fmt.Errorf("%s is not a regular file; a folder, device or FIFO is not read", file)
	}
	if info.Size() > keyFileLimit {
		return "", fmt.Errorf("%s has %d bytes; a key file has the key and nothing else", file, info.Size())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the key: %w", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}
