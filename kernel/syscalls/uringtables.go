// SPDX-License-Identifier: Apache-2.0

// This file is the tables of files and buffers of io_uring_register(2): made, changed in part, and copied from another ring.

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/uring"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const uringMaxFiles = 1 << 15 // IORING_MAX_FIXED_FILES

// rsrcRegister is struct io_uring_rsrc_register.
type rsrcRegister struct {
	Nr, Flags        uint32
	Resv, Data, Tags uint64
}

// take reads it: EINVAL, EFAULT.
func (a *rsrcRegister) take(t *task.Task, arg user.Addr, n uint32) error {
	if n != uint32(binary.Size(a)) {
		return unix.EINVAL
	}
	if err := get(t, arg, a); err != nil {
		return err
	}
	const sparse = 1 // IORING_RSRC_REGISTER_SPARSE
	if a.Nr == 0 || a.Resv != 0 || a.Flags&^sparse != 0 || a.Flags&sparse != 0 && a.Data != 0 {
		return unix.EINVAL
	}
	return nil
}

// rsrcUpdate2 is struct io_uring_rsrc_update2.
type rsrcUpdate2 struct {
	Offset, Resv uint32
	Data, Tags   uint64
	Nr, Resv2    uint32
}

// take reads it: EINVAL, EFAULT, EOVERFLOW.
func (a *rsrcUpdate2) take(t *task.Task, arg user.Addr, n uint32) error {
	if n != uint32(binary.Size(a)) {
		return unix.EINVAL
	}
	if err := get(t, arg, a); err != nil {
		return err
	}
	switch {
	case a.Nr == 0, a.Resv != 0, a.Resv2 != 0:
		return unix.EINVAL
	case a.Offset+a.Nr < a.Nr:
		return unix.EOVERFLOW
	}
	return nil
}

// tagAt is the i-th of some tags; NULL has none.
func tagAt(t *task.Task, tags user.Addr, i uint32) (uint64, error) {
	if tags == 0 {
		return 0, nil
	}
	return get64(t, tags+user.Addr(8*i))
}

func uringBuffers(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	if arg == 0 {
		return 0, unix.EINVAL
	}
	return 0, setBuffers(t, r, arg, 0, n)
}

// uringBuffers2 is IORING_REGISTER_BUFFERS2.
func uringBuffers2(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	var a rsrcRegister
	if err := a.take(t, arg, n); err != nil {
		return 0, err
	}
	return 0, setBuffers(t, r, user.Addr(a.Data), user.Addr(a.Tags), a.Nr)
}

// setBuffers registers n buffers; as many empty places, if they are NULL.
func setBuffers(t *task.Task, r *uring.Ring, data, tags user.Addr, n uint32) error {
	switch {
	case r.Buffers() > 0:
		return unix.EBUSY
	case n == 0 || n > uring.MaxBuffers:
		return unix.EINVAL
	}
	list := make([]uring.FixedBuffer, n)
	for i := range list {
		var err error
		if list[i], err = bufferAt(t, data, tags, uint32(i)); err != nil {
			return err
		}
	}
	return r.SetBuffers(list)
}

// bufferAt is the i-th of some buffers, with its tag, which one that is empty can't have: EFAULT, EINVAL.
func bufferAt(t *task.Task, data, tags user.Addr, i uint32) (uring.FixedBuffer, error) {
	var v struct{ Base, Len uint64 } // struct iovec
	if data != 0 {
		if err := get(t, data+user.Addr(16*i), &v); err != nil {
			return uring.FixedBuffer{}, err
		}
	}
	tag, err := tagAt(t, tags, i)
	if err != nil {
		return uring.FixedBuffer{}, err
	}
	b := user.Bytes{Addr: user.Addr(v.Base), Len: v.Len}
	switch {
	case b.Addr == 0 && b.Len == 0 && tag == 0: // an empty place
	case b.Addr == 0 && b.Len == 0:
		return uring.FixedBuffer{}, unix.EINVAL
	case b.Addr == 0, b.Len == 0, b.Len > 1<<30, !writableMemory(t.MM(), b):
		return uring.FixedBuffer{}, unix.EFAULT
	}
	return uring.FixedBuffer{Bytes: b, Tag: tag}, nil
}

// writableMemory tells whether all of a buffer is mapped, and may be written.
func writableMemory(m *mm.MM, b user.Bytes) bool {
	at, end := uint64(b.Addr), uint64(b.Addr)+b.Len
	if end < at {
		return false
	}
	m.Maps(func(v *mm.VMA) bool {
		if v.Start <= at && at < v.End && v.Prot&unix.PROT_WRITE != 0 {
			at = v.End
		}
		return at < end
	})
	return at >= end
}

// uringBuffersUpdate is IORING_REGISTER_BUFFERS_UPDATE. What was done before an error counts.
func uringBuffersUpdate(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	var a rsrcUpdate2
	if err := a.take(t, arg, n); err != nil {
		return 0, err
	}
	switch places := r.Buffers(); {
	case places == 0:
		return 0, unix.ENXIO
	case a.Offset+a.Nr > places:
		return 0, unix.EINVAL
	}
	for i := range a.Nr {
		b, err := bufferAt(t, user.Addr(a.Data), user.Addr(a.Tags), i)
		if err == nil {
			err = r.SetBuffer(a.Offset+i, b)
		}
		if err != nil {
			return doneOr(int(i), err)
		}
	}
	return int(a.Nr), nil
}

// uringCloneBuffers is IORING_REGISTER_CLONE_BUFFERS.
func uringCloneBuffers(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	var a struct { // struct io_uring_clone_buffers
		SrcFD                     int32
		Flags, SrcOff, DstOff, Nr uint32
		Pad                       [3]uint32
	}
	if arg == 0 || n != 1 {
		return 0, unix.EINVAL
	}
	if err := get(t, arg, &a); err != nil {
		return 0, err
	}
	const srcRegistered, dstReplace = 1, 2
	switch {
	case a.Flags&^(srcRegistered|dstReplace) != 0:
		return 0, unix.EINVAL
	case a.Flags&dstReplace == 0 && r.Buffers() > 0:
		return 0, unix.EBUSY
	case a.Pad != [3]uint32{}:
		return 0, unix.EINVAL
	}
	f, src, err := ringAt(t, a.SrcFD, a.Flags&srcRegistered != 0)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if !src.IsOwner(t) {
		return 0, unix.EEXIST
	}
	return 0, r.CloneBuffers(src, a.SrcOff, a.DstOff, a.Nr, a.Flags&dstReplace != 0)
}

// uringFileAt is a file to be registered: nil for none (-1). EBADF, also for rings.
func uringFileAt(t *task.Task, fd int32) (*vfs.File, error) {
	if fd == -1 {
		return nil, nil
	}
	f, err := t.Files().Get(vfs.FD(fd))
	if err != nil {
		return nil, err
	}
	if uring.Of(f) != nil {
		f.DecRef()
		return nil, unix.EBADF
	}
	return f, nil
}

func uringFiles(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	return 0, setFiles(t, r, arg, 0, n)
}

// uringFiles2 is IORING_REGISTER_FILES2.
func uringFiles2(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	var a rsrcRegister
	if err := a.take(t, arg, n); err != nil {
		return 0, err
	}
	return 0, setFiles(t, r, user.Addr(a.Data), user.Addr(a.Tags), a.Nr)
}

// setFiles registers n files; as many empty places, if they are NULL.
func setFiles(t *task.Task, r *uring.Ring, fds, tags user.Addr, n uint32) error {
	if _, err := r.Places(); err == nil {
		return unix.EBUSY
	}
	switch {
	case n == 0:
		return unix.EINVAL
	case n > uringMaxFiles || uint64(n) > t.RLimit(unix.RLIMIT_NOFILE):
		return unix.EMFILE
	}
	files, all := make([]*vfs.File, n), make([]uint64, n)
	err := error(nil)
	for i := range n {
		if all[i], err = tagAt(t, tags, i); err != nil {
			break
		}
		if fds != 0 {
			if files[i], err = uringFileIn(t, fds, i); err != nil {
				break
			}
		}
		if files[i] == nil && all[i] != 0 {
			err = unix.EINVAL
			break
		}
	}
	if err == nil {
		err = r.SetFiles(files, all)
	}
	if err != nil {
		for _, f := range files {
			if f != nil {
				f.DecRef()
			}
		}
	}
	return err
}

// uringFileIn is the file whose descriptor is the i-th of some.
func uringFileIn(t *task.Task, fds user.Addr, i uint32) (*vfs.File, error) {
	var fd int32
	if err := get(t, fds+user.Addr(4*i), &fd); err != nil {
		return nil, err
	}
	return uringFileAt(t, fd)
}

// rsrcUpdate is struct io_uring_rsrc_update.
type rsrcUpdate struct {
	Offset, Resv uint32
	Data         uint64
}

func uringFilesUpdate(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	var a rsrcUpdate
	if n == 0 {
		return 0, unix.EINVAL
	}
	if err := get(t, arg, &a); err != nil {
		return 0, err
	}
	switch {
	case a.Resv != 0:
		return 0, unix.EINVAL
	case a.Offset+n < n:
		return 0, unix.EOVERFLOW
	}
	return updateFiles(t, r, a.Offset, user.Addr(a.Data), 0, n)
}

// uringFilesUpdate2 is IORING_REGISTER_FILES_UPDATE2.
func uringFilesUpdate2(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	var a rsrcUpdate2
	if err := a.take(t, arg, n); err != nil {
		return 0, err
	}
	return updateFiles(t, r, a.Offset, user.Addr(a.Data), user.Addr(a.Tags), a.Nr)
}

// updateFiles replaces registered files by those whose descriptors are at fds. What was done before an error counts.
func updateFiles(t *task.Task, r *uring.Ring, first uint32, fds, tags user.Addr, n uint32) (int, error) {
	places, err := r.Places()
	if err != nil {
		return 0, err
	}
	if uint64(first)+uint64(n) > uint64(places) {
		return 0, unix.EINVAL
	}
	for i := range n {
		if err := updateFile(t, r, first+i, fds+user.Addr(4*i), tags, i); err != nil {
			return doneOr(int(i), err)
		}
	}
	return int(n), nil
}

// updateFile replaces one. The place is empty if it turns out that there is no such file.
func updateFile(t *task.Task, r *uring.Ring, place uint32, at, tags user.Addr, i uint32) error {
	const none, skip = -1, -2 // IORING_REGISTER_FILES_SKIP
	var fd int32
	tag, err := tagAt(t, tags, i)
	if err == nil {
		err = get(t, at, &fd)
	}
	switch {
	case err != nil:
		return err
	case (fd == none || fd == skip) && tag != 0:
		return unix.EINVAL
	case fd == skip:
		return nil
	}
	f, bad := uringFileAt(t, fd)
	if bad != nil {
		tag = 0
	}
	if _, err := r.SetFile(place, f, tag); err != nil {
		if f != nil {
			f.DecRef()
		}
		return err
	}
	return bad
}
