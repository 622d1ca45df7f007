// SPDX-License-Identifier: Apache-2.0

// This file is the operations of a ring on names and descriptors. One that makes a file may put it among the ring's registered
// files instead of giving it a descriptor (file_index).

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/uring"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const fileIndexAlloc = ^uint32(0) // IORING_FILE_INDEX_ALLOC

// giveFile gives a new file a descriptor, or the place among the registered files that the request names.
func giveFile(t *task.Task, r *uring.Req, f *vfs.File, cloexec bool) (int, error) {
	switch r.FileIndex {
	case 0:
		return install(t, f, 0, cloexec)
	case fileIndexAlloc:
		i, err := r.Ring.AddFile(f)
		if err != nil {
			f.DecRef()
		}
		return int(i), err
	}
	_, err := r.Ring.SetFile(r.FileIndex-1, f, 0)
	if err != nil {
		f.DecRef()
	}
	return 0, err
}

// noCloexec refuses O_CLOEXEC for what gets no descriptor.
func noCloexec(r *uring.Req, flags uint32) error {
	if r.FileIndex != 0 && flags&unix.O_CLOEXEC != 0 {
		return unix.EINVAL
	}
	return nil
}

func issueOpenat(t *task.Task, r *uring.Req) (int, error) {
	return openOp(t, r, legacyHow(r.OpFlags, uint16(r.Len)))
}

func issueOpenat2(t *task.Task, r *uring.Req) (int, error) {
	how, err := how2(t, user.Addr(r.Off), uint64(r.Len))
	if err != nil {
		return 0, err
	}
	return openOp(t, r, how)
}

func openOp(t *task.Task, r *uring.Req, how vfs.OpenHow) (int, error) {
	if err := noCloexec(r, how.Flags); err != nil {
		return 0, err
	}
	f, err := openFile(t, vfs.FD(r.FD), user.Path(r.Addr), how)
	if err != nil {
		return 0, err
	}
	return giveFile(t, r, f, how.Flags&unix.O_CLOEXEC != 0)
}

func prepClose(r *uring.Req) error {
	if err := (unused{off: true, addr: true, length: true, flags: true, index: true}).check(r); err != nil {
		return err
	}
	switch {
	case r.Flags&uring.FixedFile != 0:
		return unix.EBADF
	case r.FileIndex != 0 && r.FD != 0:
		return unix.EINVAL
	}
	return nil
}

func issueClose(t *task.Task, r *uring.Req) (uring.Result, error) {
	if r.FileIndex != 0 {
		had, err := r.Ring.SetFile(r.FileIndex-1, nil, 0)
		if err == nil && !had {
			err = unix.EBADF
		}
		return uring.Result{}, err
	}
	f, err := t.Files().GetPath(vfs.FD(r.FD))
	if err != nil {
		return uring.Result{}, err
	}
	isRing := uring.Of(f) != nil
	f.DecRef()
	if isRing {
		return uring.Result{}, unix.EBADF
	}
	return uring.Result{}, close_(t, vfs.FD(r.FD))
}

func prepFilesUpdate(r *uring.Req) error {
	switch {
	case r.Flags&(uring.FixedFile|uring.BufferSelect) != 0, r.OpFlags != 0, r.FileIndex != 0, r.Len == 0:
		return unix.EINVAL
	}
	return nil
}

func issueFilesUpdate(t *task.Task, r *uring.Req) (uring.Result, error) {
	if uint32(r.Off) == fileIndexAlloc {
		return count(allocFiles(t, r))
	}
	return count(updateFiles(t, r.Ring, uint32(r.Off), user.Addr(r.Addr), 0, r.Len))
}

// allocFiles registers files where there is room, and tells where that was.
func allocFiles(t *task.Task, r *uring.Req) (int, error) {
	if _, err := r.Ring.Places(); err != nil {
		return 0, err
	}
	for i := range r.Len {
		at := user.Addr(r.Addr) + user.Addr(4*i)
		var b [4]byte
		if _, err := t.Memory().CopyIn(at, b[:]); err != nil {
			return doneOr(int(i), err)
		}
		f, err := uringFileAt(t, int32(binary.LittleEndian.Uint32(b[:])))
		if err == nil && f == nil {
			err = unix.EBADF
		}
		if err != nil {
			return doneOr(int(i), err)
		}
		place, err := r.Ring.AddFile(f)
		if err != nil {
			f.DecRef()
			return doneOr(int(i), err)
		}
		if err := put32(t, at, place); err != nil {
			_, _ = r.Ring.SetFile(place, nil, 0)
			return doneOr(int(i), err)
		}
	}
	return int(r.Len), nil
}

func issueStatx(t *task.Task, r *uring.Req) (int, error) {
	return 0, statx(t, vfs.FD(r.FD), user.Path(r.Addr), r.OpFlags, r.Len, user.Addr(r.Off))
}

func issueRenameat(t *task.Task, r *uring.Req) (int, error) {
	return 0, renameat2(t, vfs.FD(r.FD), user.Path(r.Addr), vfs.FD(r.Len), user.Path(r.Off), r.OpFlags)
}

func prepUnlinkat(r *uring.Req) error {
	if err := (unused{off: true, length: true, index: true, file: true}).check(r); err != nil {
		return err
	}
	switch {
	case r.Flags&uring.FixedFile != 0:
		return unix.EBADF
	case r.OpFlags&^unix.AT_REMOVEDIR != 0:
		return unix.EINVAL
	}
	return nil
}

func issueUnlinkat(t *task.Task, r *uring.Req) (uring.Result, error) {
	return uring.Result{}, unlinkat(t, vfs.FD(r.FD), user.Path(r.Addr), r.OpFlags)
}

func issueMkdirat(t *task.Task, r *uring.Req) (int, error) {
	return 0, mkdirat(t, vfs.FD(r.FD), user.Path(r.Addr), uint16(r.Len))
}

func issueSymlinkat(t *task.Task, r *uring.Req) (int, error) {
	return 0, symlinkat(t, user.Path(r.Addr), vfs.FD(r.FD), user.Path(r.Off))
}

func issueLinkat(t *task.Task, r *uring.Req) (int, error) {
	return 0, linkat(t, vfs.FD(r.FD), user.Path(r.Addr), vfs.FD(r.Len), user.Path(r.Off), r.OpFlags)
}

func issueEpollCtl(t *task.Task, r *uring.Req) error {
	return epollCtl(t, vfs.FD(r.FD), int32(r.Len), vfs.FD(r.Off), user.Addr(r.Addr))
}
