//go:build unix

package pgtest

import (
	"errors"
	"syscall"
)

// runnable tells that programs can be started, frozen and reaped here.
const runnable = true

// apart has a program run in a session of its own, so that what is typed to end the test ends the test, and as its owner.
func apart(o *owner) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true}
	if o != nil {
		attr.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
	}
	return attr
}

// reap tells whether a child has ended, without waiting for it. It says so once; afterwards the number may be another's.
func reap(pid int) bool {
	got, err := syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
	return got == pid || errors.Is(err, syscall.ECHILD)
}

func send(pid int, signal syscall.Signal) error { return syscall.Kill(pid, signal) }

func freeze(pid int) error { return syscall.Kill(pid, syscall.SIGSTOP) }

// thaw wakes a process. One that is gone needs no waking.
func thaw(pid int) error {
	if err := syscall.Kill(pid, syscall.SIGCONT); !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
