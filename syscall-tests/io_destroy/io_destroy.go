// SPDX-License-Identifier: Apache-2.0

// Package io_destroy tests io_destroy from Go: contexts that many threads make and end.
package io_destroy

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("by_many_threads", "", many)
}

// many makes and ends contexts in several threads; each has requests in it.
func many(t *harness.T) {
	const threads, rounds = 4, 50
	fd, err := unix.Open("/dev/null", unix.O_WRONLY, 0)
	t.Must("open", err)
	var wg sync.WaitGroup
	for range threads {
		wg.Go(func() {
			for range rounds {
				ctx, err := harness.AioSetup(4)
				t.Must("setup", err)
				_, err = harness.AioSubmit(ctx, &harness.Iocb{Opcode: harness.IOCB_PWRITE, FD: uint32(fd)})
				t.Must("submit", err)
				t.Must("destroy", harness.Err(unix.SYS_IO_DESTROY, ctx))
			}
		})
	}
	wg.Wait()
}
