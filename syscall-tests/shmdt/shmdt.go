// SPDX-License-Identifier: Apache-2.0

// Package shmdt tests shmdt from Go: by the address of every page of an attachment.
package shmdt

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("every_page", "", everyPage) }

func everyPage(t *harness.T) {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 3*4096, unix.IPC_CREAT|0o600)
	t.Must("get", err)
	b, err := unix.SysvShmAttach(id, 0, 0)
	t.Must("attach", err)
	at := uintptr(unsafe.Pointer(&b[0]))
	for page := 3; page >= 0; page-- {
		_, _, e := unix.Syscall(unix.SYS_SHMDT, at+uintptr(page)*4096, 0, 0)
		t.Observe(fmt.Sprintf("page %d", page), "%s", harness.ErrnoName(e))
	}
	_, _, e := unix.Syscall(unix.SYS_SHMDT, at, 0, 0)
	t.Errno("again", e, unix.EINVAL)
	_, err = unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	t.Must("remove", err)
}
