//go:build !unix

package pgtest

import (
	"errors"
	"syscall"
)

// runnable tells that programs can be started, frozen and reaped here: nothing below is reached.
const runnable = false

func apart(*owner) *syscall.SysProcAttr { return nil }

func reap(int) bool { return true }

func send(int, syscall.Signal) error { return errors.ErrUnsupported }

func freeze(int) error { return errors.ErrUnsupported }

func thaw(int) error { return errors.ErrUnsupported }
