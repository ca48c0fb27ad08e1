package bench

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// pacer waits for moments to a few microseconds. The timers of Go are a millisecond late while the process is otherwise
// idle, which is as much as what is measured; a timer of the kernel that the network poller waits for is not.
type pacer struct {
	fd   int
	file *os.File
	read [8]byte
}

func newPacer() (*pacer, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	return &pacer{fd: fd, file: os.NewFile(uintptr(fd), "timer")}, nil
}

// until returns at the moment, at once if it is past.
func (p *pacer) until(at time.Time) error {
	wait := time.Until(at)
	if wait <= 0 {
		return nil
	}
	set := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(wait))}
	if err := unix.TimerfdSettime(p.fd, 0, &set, nil); err != nil {
		return os.NewSyscallError("timerfd_settime", err)
	}
	_, err := p.file.Read(p.read[:])
	return err
}

func (p *pacer) close() { _ = p.file.Close() }
