// SPDX-License-Identifier: Apache-2.0

// Package io_cancel tests io_cancel from Go: a race of what happens with its cancellation.
package io_cancel

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("races", "", races)
}

// races cancels polls while their file becomes ready: there is one event, whoever wins.
func races(t *harness.T) {
	ctx, err := harness.AioSetup(4)
	t.Must("setup", err)
	for range 200 {
		efd, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
		t.Must("eventfd", err)
		cb := &harness.Iocb{Opcode: harness.IOCB_POLL, FD: uint32(efd), Buf: unix.POLLIN}
		_, err = harness.AioSubmit(ctx, cb)
		t.Must("submit", err)
		written := make(chan bool)
		go func() {
			_, err := unix.Write(efd, []byte{1, 0, 0, 0, 0, 0, 0, 0})
			written <- err == nil
		}()
		var unused harness.AioEvent
		cancel := harness.Err(unix.SYS_IO_CANCEL, ctx, unsafe.Pointer(cb), unsafe.Pointer(&unused))
		t.Equal("written", <-written, true)
		t.Equal("cancelled or too late", cancel == unix.EINPROGRESS || cancel == unix.EINVAL, true)
		events := make([]harness.AioEvent, 4)
		n, err := harness.AioEvents(ctx, 1, events)
		t.Must("events", err)
		t.Equal("one event", n, 1)
		t.Must("close", unix.Close(efd))
	}
}
