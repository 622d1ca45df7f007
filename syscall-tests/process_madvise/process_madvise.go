// SPDX-License-Identifier: Apache-2.0

// Package process_madvise tests process_madvise from Go: a process advises itself and another by pidfd.
package process_madvise

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

const page = 4096

func mapped(t *harness.T, pages, prot, flags int) []byte {
	b, err := unix.Mmap(-1, 0, pages*page, prot, flags|unix.MAP_ANONYMOUS)
	t.Must("mmap", err)
	return b
}

func init() {
	harness.Case("own_memory", "kernel>=6.13", own)
	harness.Case("init_is_not_there_for_the_dead", "", dead)
}

func advise(fd int, v *unix.Iovec, advice uintptr) (int, error) {
	n, _, errno := unix.Syscall6(unix.SYS_PROCESS_MADVISE, uintptr(fd), uintptr(unsafe.Pointer(v)), 1, advice, 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}

func own(t *harness.T) {
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	t.Must("pidfd_open", err)
	b := mapped(t, 3, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
	b[0], b[page] = 1, 2
	v := unix.Iovec{Base: &b[0], Len: page}
	n, err := advise(fd, &v, unix.MADV_DONTNEED)
	t.ObserveRet("dontneed", n, err)
	t.Observe("bytes", "%d %d", b[0], b[page])
	n, err = advise(fd, &v, unix.MADV_WILLNEED)
	t.ObserveRet("willneed", n, err)
}

func dead(t *harness.T) {
	b := mapped(t, 1, unix.PROT_READ, unix.MAP_PRIVATE)
	v := unix.Iovec{Base: &b[0], Len: page}
	cmd := harness.Command("process_madvise.end")
	t.Must("start", cmd.Start())
	fd, err := unix.PidfdOpen(cmd.Process.Pid, 0)
	t.Must("pidfd_open", err)
	t.Equal("end", harness.Status(cmd), "exit 0")
	_, err = advise(fd, &v, unix.MADV_COLD)
	t.Errno("a dead process", err, unix.ESRCH)
}

func init() {
	harness.Child("process_madvise.end", func([]string) int { return 0 })
}
