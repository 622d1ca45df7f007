// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall getdents64 full
func getdents64(t *task.Task, fd vfs.FD, out user.Bytes) (int, error) {
	return listDir(t, fd, out, putDirent64)
}

//ditto:syscall getdents full
func getdents(t *task.Task, fd vfs.FD, out user.Bytes) (int, error) {
	return listDir(t, fd, out, putDirent)
}

// putDirent64 writes a struct linux_dirent64 at the start of p; 0 if it does
// not fit.
func putDirent64(p []byte, e vfs.DirEntry) int {
	size := (19 + len(e.Name) + 1 + 7) &^ 7
	if size > len(p) {
		return 0
	}
	clear(p[:size])
	binary.LittleEndian.PutUint64(p, e.Ino)
	binary.LittleEndian.PutUint64(p[8:], uint64(e.Next))
	binary.LittleEndian.PutUint16(p[16:], uint16(size))
	p[18] = e.Type
	copy(p[19:], e.Name)
	return size
}

// putDirent writes a struct linux_dirent, whose type is its last byte.
func putDirent(p []byte, e vfs.DirEntry) int {
	size := (18 + len(e.Name) + 2 + 7) &^ 7
	if size > len(p) {
		return 0
	}
	clear(p[:size])
	binary.LittleEndian.PutUint64(p, e.Ino)
	binary.LittleEndian.PutUint64(p[8:], uint64(e.Next))
	binary.LittleEndian.PutUint16(p[16:], uint16(size))
	copy(p[18:], e.Name)
	p[size-1] = e.Type
	return size
}

func listDir(t *task.Task, fd vfs.FD, out user.Bytes, put func([]byte, vfs.DirEntry) int) (int, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if f.Path.Dentry == nil || !f.Path.Dentry.IsDir() {
		return 0, unix.ENOTDIR
	}
	if out.Len > math.MaxInt32 { // Linux counts down in an int: nothing fits
		out.Len = 0
	}
	start, err := f.Seek(t, 0, unix.SEEK_CUR)
	if err != nil {
		return 0, unix.ENOTDIR
	}
	buf := vfs.GetBuffer(int(out.Len))
	defer buf.Free()
	n, full := 0, false
	err = f.Iterate(t, func(e vfs.DirEntry) bool {
		size := put(buf.B[n:], e)
		n += size
		full = full || size == 0
		return size > 0
	})
	switch {
	case n == 0 && err != nil:
		return 0, err
	case n == 0 && full:
		return 0, unix.EINVAL
	case n == 0:
		return 0, nil
	}
	// Not CopyOutLast: what did not get there must be listed again.
	got, err := t.Memory().CopyOut(out.Addr, buf.B[:n])
	if err == nil {
		return n, nil
	}
	whole, next := wholeEntries(buf.B[:got])
	if whole > 0 {
		start, err = next, nil
	}
	_, _ = f.Seek(t, start, unix.SEEK_SET)
	return whole, err
}

// wholeEntries is how many bytes at the start of p are entries that are there
// to the end, and the cookie behind the last of them.
func wholeEntries(p []byte) (n int, next int64) {
	for len(p)-n >= 18 {
		size := int(binary.LittleEndian.Uint16(p[n+16:]))
		if size > len(p)-n {
			break
		}
		next = int64(binary.LittleEndian.Uint64(p[n+8:]))
		n += size
	}
	return n, next
}
