package pgtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// Ports are taken from below those that systems give to outgoing connections. So a server that stops and a proxy that
// refuses find theirs free when they come back.
const (
	firstPort = 15000
	portCount = 15000
)

// listen opens a listener on a free port of loopback.
func listen() (net.Listener, error) {
	var problem error
	for range 100 {
		port := firstPort + rand.IntN(portCount) //nolint:gosec // a port is no secret
		var l net.Listener
		if l, problem = listenOn(fmt.Sprintf("127.0.0.1:%d", port)); problem == nil {
			return l, nil
		}
	}
	return nil, fmt.Errorf("find a free port: %w", problem)
}

func listenOn(address string) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(context.Background(), "tcp", address)
}

// freePort returns a port that was free a moment ago.
func freePort() (int, error) {
	l, err := listen()
	if err != nil {
		return 0, err
	}
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.Join(fmt.Errorf("%s is no TCP address", l.Addr()), l.Close())
	}
	return address.Port, l.Close()
}

// onFreePort calls start with free ports until the program did not end at once: another may have taken the port meanwhile.
func onFreePort(start func(port int) error) error {
	var err error
	for range 5 {
		var port int
		if port, err = freePort(); err != nil {
			return err
		}
		if err = start(port); !errors.Is(err, errEnded) {
			return err
		}
	}
	return err
}
