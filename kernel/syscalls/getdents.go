// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"

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
func putDirent64(p []byte, e *vfs.DirEntry) int {
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
func putDirent(p []byte, e *vfs.DirEntry) int {
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

func listDir(t *task.Task, fd vfs.FD, out user.Bytes, put func([]byte, *vfs.DirEntry) int) (int, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if f.Path.Dentry == nil || !f.Path.Dentry.IsDir() {
		return 0, unix.ENOTDIR
	}
	start, err := f.Seek(t, 0, unix.SEEK_CUR)
	if err != nil {
		return 0, unix.ENOTDIR
	}
	buf := vfs.GetBuffer(int(out.Len))
	defer buf.Free()
	n, full := 0, false
	err = f.Iterate(t, func(e vfs.DirEntry) bool {
		size := put(buf.B[n:], &e)
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
	if n, err = t.Memory().CopyOutLast(out.Addr, buf.B[:n], false); err != nil {
		_, _ = f.Seek(t, start, unix.SEEK_SET)
	}
	return n, err
}
