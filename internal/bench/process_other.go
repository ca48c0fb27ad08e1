//go:build !linux

package bench

import "syscall"

// diesWithParent does nothing here: a child of a killed parent ends when its standard input ends, the server excepted.
func diesWithParent() *syscall.SysProcAttr { return nil }
