// SPDX-License-Identifier: Apache-2.0

// Package rseq tests rseq from Go: a thread without an area registers one and sees its processor.
package rseq

import (
	"encoding/binary"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("own_area", "", ownArea)
}

func ownArea(t *harness.T) {
	runtime.LockOSThread()
	mem, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	t.Must("mmap", err)
	area := uintptr(unsafe.Pointer(&mem[0]))
	rseq := func(what string, p, n, flags, sig uintptr) {
		_, _, errno := unix.RawSyscall6(unix.SYS_RSEQ, p, n, flags, sig, 0, 0)
		t.ObserveErr(what, errno)
	}
	rseq("unaligned", area+8, 32, 0, 0x53053053)
	rseq("short", area, 16, 0, 0x53053053)
	rseq("register", area, 32, 0, 0x53053053)
	rseq("again", area, 32, 0, 0x53053053)
	rseq("unregister with another signature", area, 32, 1, 7)
	rseq("unregister", area, 32, 1, 0x53053053)
	rseq("unregister again", area, 32, 1, 0x53053053)
	t.Observe("processor afterwards", "%d", int32(binary.LittleEndian.Uint32(mem[4:])))
}
