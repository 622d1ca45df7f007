// SPDX-License-Identifier: Apache-2.0

// Package memfd_secret tests memfd_secret from Go: a key that is passed through a pipe, and is not in /proc/self/mem.
package memfd_secret

import (
	"bytes"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("a_key", "", aKey) }

func aKey(t *harness.T) {
	fd, err := unix.MemfdSecret(unix.O_CLOEXEC)
	if err == unix.ENOSYS {
		t.Skip("this kernel has no secret memory")
	}
	t.Must("memfd_secret", err)
	t.Must("ftruncate", unix.Ftruncate(fd, 4096))
	b, err := unix.Mmap(fd, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	t.Must("mmap", err)
	key := bytes.Repeat([]byte("key."), 512)
	r, w, err := os.Pipe()
	t.Must("pipe", err)
	_, err = w.Write(key)
	t.Must("write", err)
	n, err := r.Read(b)
	t.Must("read", err)
	t.Check(n == len(key) && bytes.Equal(b[:n], key), "the key came through")
	mem, err := os.Open("/proc/self/mem")
	t.Must("open", err)
	n, err = mem.ReadAt(make([]byte, 16), int64(uintptr(unsafe.Pointer(&b[0]))))
	t.ObserveRet("mem", n, err)
}
