package bench

import "syscall"

// diesWithParent has the kernel end a child whose parent was killed and could not do it.
func diesWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }
