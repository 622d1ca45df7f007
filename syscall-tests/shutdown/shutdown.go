// SPDX-License-Identifier: Apache-2.0

// Package shutdown tests shutdown from Go: what a reader and a writer see afterwards.
package shutdown

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("both_sides", "", both)
}

var types = []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET}

func pair(t *harness.T, typ int) (int, int) {
	s, err := unix.Socketpair(unix.AF_UNIX, typ|unix.SOCK_CLOEXEC, 0)
	t.Must("socketpair", err)
	return s[0], s[1]
}

func both(t *harness.T) {
	for _, typ := range types {
		for how := 0; how < 3; how++ {
			a, b := pair(t, typ)
			unix.Write(b, []byte("before"))
			what := func(s string) string { return fmt.Sprintf("type %d, how %d: %s", typ, how, s) }
			t.ObserveErr(what("shutdown"), unix.Shutdown(a, how))
			t.ObserveErr(what("send"), unix.Send(a, []byte("x"), unix.MSG_NOSIGNAL))
			t.ObserveErr(what("other's send"), unix.Send(b, []byte("x"), unix.MSG_NOSIGNAL))
			for i := range 2 {
				n, _, err := unix.Recvfrom(a, make([]byte, 9), unix.MSG_DONTWAIT)
				t.ObserveRet(what(fmt.Sprintf("receive %d", i)), n, err)
			}
			t.ObserveErr(what("bad"), unix.Shutdown(a, 5))
		}
	}
}
