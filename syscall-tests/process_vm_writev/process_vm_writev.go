// SPDX-License-Identifier: Apache-2.0

// Package process_vm_writev tests process_vm_writev from Go: vectors of many lengths within one process, and errors by table.
package process_vm_writev

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("many_vectors", "", many)
	harness.Case("errors", "", errors)
}

// Local vectors of 1, 2, 3... bytes against remote ones of 7.
func many(t *harness.T) {
	here, there := make([]byte, 300), make([]byte, 300)
	for i := range here {
		here[i], there[i] = byte(i), byte(255-i)
	}
	want := append([]byte(nil), here...)
	var local []unix.Iovec
	var remote []unix.RemoteIovec
	for off, n := 0, 1; off+n <= len(here); n++ {
		local = append(local, unix.Iovec{Base: &here[off], Len: uint64(n)})
		off += n
	}
	for off := 0; off+7 <= len(there); off += 7 {
		remote = append(remote, unix.RemoteIovec{Base: uintptr(unsafe.Pointer(&there[off])), Len: 7})
	}
	n, err := unix.ProcessVMWritev(os.Getpid(), local, remote, 0)
	t.ObserveRet("moved", n, err)
	if n > 0 {
		t.Equal("bytes here", string(here[:n]), string(want[:n]))
		t.Equal("bytes there", string(there[:n]), string(want[:n]))
	}
}

func errors(t *harness.T) {
	b := make([]byte, 8)
	local := []unix.Iovec{{Base: &b[0], Len: 8}}
	for _, c := range []struct {
		pid   int
		at    uintptr
		flags uint
	}{{0x3fffffff, 0, 0}, {os.Getpid(), 0x10000000000, 0}, {os.Getpid(), 0, 1}} {
		n, err := unix.ProcessVMWritev(c.pid, local, []unix.RemoteIovec{{Base: c.at, Len: 8}}, c.flags)
		t.ObserveRet(fmt.Sprintf("self %v, at %#x, flags %d", c.pid == os.Getpid(), c.at, c.flags), n, err)
	}
	n, err := unix.ProcessVMWritev(os.Getpid(), local, nil, 0)
	t.ObserveRet("no remote", n, err)
}
