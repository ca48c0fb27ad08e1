package egress

import (
	"hash/maphash"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// pool names connections. A connection may be used for a request only if both have the same name.
//
// net/http pools connections by the host of the request's URL and knows neither an age nor a TLS configuration of its
// own for each. One Transport for each configuration and age would need a limit of idle connections across all of them
// and would drop every connection at the same moment. Instead the sender puts this name where the Transport looks for
// the host, dials the real host itself, and sends the real host in the Host header. A name that is not asked for any
// more leaves its connections to the idle timeout.
type pool struct {
	seed   maphash.Seed
	period time.Duration // how long a name lasts
	single atomic.Uint64 // names of connections for one request
}

func newPool(period time.Duration) *pool {
	return &pool{seed: maphash.MakeSeed(), period: period}
}

// name returns the name for host ("name:port", "[::1]:port") with the TLS setup of that id, elapsed after the start.
// Hosts change their names at different moments, so that not all connect anew at once.
func (p *pool) name(host string, setup uint64, elapsed time.Duration) string {
	shift := time.Duration(maphash.String(p.seed, host) % uint64(p.period))
	epoch := (elapsed + shift) / p.period
	var room [48]byte
	prefix := append(room[:0], 'e')
	prefix = strconv.AppendUint(prefix, uint64(epoch), 10)
	prefix = append(prefix, 't')
	prefix = strconv.AppendUint(prefix, setup, 10)
	return join(append(prefix, '.'), host)
}

// singleName returns a name that no connection has.
func (p *pool) singleName(host string) string {
	prefix := strconv.AppendUint([]byte{'s'}, p.single.Add(1), 10)
	return join(append(prefix, '.'), host)
}

// join puts prefix before the host, inside the brackets of an IPv6 address so that its port stays readable.
func join(prefix []byte, host string) string {
	if rest, found := strings.CutPrefix(host, "["); found {
		return "[" + string(prefix) + rest
	}
	return string(prefix) + host
}
