// SPDX-License-Identifier: Apache-2.0

// Linux's own asynchronous I/O, of which x/sys/unix has nothing.

package harness

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Iocb is struct iocb.
type Iocb struct {
	Data     uint64
	Key      uint32
	RWFlags  uint32
	Opcode   uint16
	Reqprio  int16
	FD       uint32
	Buf      uintptr // of what stays where it is, or a poll's events
	Nbytes   uint64
	Offset   int64
	Reserved uint64
	Flags    uint32
	Resfd    uint32
}

// AioEvent is struct io_event.
type AioEvent struct {
	Data, Obj uint64
	Res, Res2 int64
}

// Operations of an Iocb.
const (
	IOCB_PREAD  = 0
	IOCB_PWRITE = 1
	IOCB_FSYNC  = 2
	IOCB_POLL   = 5
	IOCB_RESFD  = 1
)

// AioSetup is io_setup(2).
func AioSetup(nr int) (ctx uintptr, err error) {
	return ctx, Err(unix.SYS_IO_SETUP, nr, unsafe.Pointer(&ctx))
}

// AioSubmit is io_submit(2). The requests must stay where they are until their events came.
func AioSubmit(ctx uintptr, list ...*Iocb) (int, error) {
	n, _, e := unix.Syscall(unix.SYS_IO_SUBMIT, ctx, uintptr(len(list)), uintptr(unsafe.Pointer(&list[0])))
	runtime.KeepAlive(list)
	return result(n, e)
}

// AioEvents is io_getevents(2), made again when the Go runtime interrupts it.
func AioEvents(ctx uintptr, least int, events []AioEvent) (n int, err error) {
	err = again(func() unix.Errno {
		r, _, e := unix.Syscall6(unix.SYS_IO_GETEVENTS, ctx, uintptr(least), uintptr(len(events)), uintptr(unsafe.Pointer(&events[0])), 0, 0)
		n = int(r)
		return e
	})
	return n, err
}
