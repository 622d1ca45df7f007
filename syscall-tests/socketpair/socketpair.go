// SPDX-License-Identifier: Apache-2.0

// Package socketpair tests socketpair from Go: streams and packets between goroutines.
package socketpair

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("all_types", "", all)
}

var types = []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET}

func pair(t *harness.T, typ int) (int, int) {
	s, err := unix.Socketpair(unix.AF_UNIX, typ|unix.SOCK_CLOEXEC, 0)
	t.Must("socketpair", err)
	return s[0], s[1]
}

func all(t *harness.T) {
	for _, typ := range types {
		a, b := pair(t, typ)
		go func() {
			for i := 1; i <= 300; i++ {
				unix.Write(a, harness.Pattern(i))
			}
			unix.Shutdown(a, unix.SHUT_WR)
		}()
		sum, packets := 0, 0
		buf := make([]byte, 4096)
		for sum < 300*301/2 {
			n, err := unix.Read(b, buf)
			if err == unix.EINTR {
				continue
			}
			t.Must("read", err)
			sum += n
			packets++
		}
		t.Equal("bytes", sum, 300*301/2)
		if typ != unix.SOCK_STREAM {
			t.Equal("packets", packets, 300)
		}
	}
}
