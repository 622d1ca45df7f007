// SPDX-License-Identifier: Apache-2.0

// Package io_getevents tests io_getevents from Go: threads that share the events of a context.
package io_getevents

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("each_event_once", "", once)
}

// once lets several threads take events while others make them: each event comes to one of them.
func once(t *harness.T) {
	const takers, events = 4, 400
	ctx, err := harness.AioSetup(events)
	t.Must("setup", err)
	fd, err := unix.Open("/dev/null", unix.O_WRONLY, 0)
	t.Must("open", err)
	var seen [events]atomic.Int32
	var left atomic.Int32
	left.Store(events)
	var wg sync.WaitGroup
	for range takers {
		wg.Go(func() {
			buf := make([]harness.AioEvent, 3)
			for left.Load() > 0 {
				n, err := harness.AioEvents(ctx, 0, buf)
				t.Must("events", err)
				for _, e := range buf[:n] {
					seen[e.Data].Add(1)
				}
				left.Add(-int32(n))
			}
		})
	}
	for i := range events {
		_, err := harness.AioSubmit(ctx, &harness.Iocb{Data: uint64(i), Opcode: harness.IOCB_PWRITE, FD: uint32(fd)})
		t.Must("submit", err)
	}
	wg.Wait()
	for i := range seen {
		t.Equal("taken", seen[i].Load(), int32(1))
	}
}
