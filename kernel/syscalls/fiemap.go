// SPDX-License-Identifier: Apache-2.0

// This file is FS_IOC_FIEMAP (Documentation/filesystems/fiemap.rst): where a file has data. On which blocks they lie is not
// known here, which an extent can say.

package syscalls

import (
	"encoding/binary"
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	fiemapSync    = 1 // FIEMAP_FLAG_SYNC
	fiemapXattr   = 2
	fiemapLast    = 1 // FIEMAP_EXTENT_LAST
	fiemapUnknown = 2

	fiemapHead = 32 // struct fiemap without its extents
	fiemapSize = 56 // struct fiemap_extent
	fiemapMost = (math.MaxUint32 - fiemapHead) / fiemapSize
)

type fiemap struct {
	Start, Length                  uint64
	Flags, Mapped, Count, Reserved uint32
}

// ioctlFiemap is ioctl_fiemap.
func ioctlFiemap(t *task.Task, f *vfs.File, addr user.Addr) error {
	if kind := f.Inode.Mode() & unix.S_IFMT; kind != unix.S_IFREG && kind != unix.S_IFDIR || !vfs.OnDisk(f.Inode.FS()) {
		return unix.EOPNOTSUPP
	}
	var m fiemap
	if err := get(t, addr, &m); err != nil {
		return err
	}
	const limit = math.MaxInt64
	switch {
	case m.Count > fiemapMost, m.Length == 0:
		return unix.EINVAL
	case m.Start > limit:
		return unix.EFBIG
	}
	m.Length = min(m.Length, limit-m.Start)
	if bad := m.Flags &^ (fiemapSync | fiemapXattr); bad != 0 {
		m.Flags = bad
		if err := put(t, addr, m); err != nil {
			return err
		}
		return unix.EBADR
	}
	if m.Flags&fiemapXattr != 0 || f.Inode.Mode()&unix.S_IFMT == unix.S_IFDIR {
		m.Mapped = 0
		return put(t, addr, m)
	}
	if m.Flags&fiemapSync != 0 {
		if err := f.Ops.Sync(t, f, true); err != nil {
			return err
		}
	}
	list, err := dataOf(t, f, m)
	if err != nil {
		return err
	}
	m.Mapped = uint32(len(list))
	var b []byte
	for _, e := range list {
		if m.Count > 0 {
			b, _ = binary.Append(b, binary.LittleEndian, e)
		}
	}
	if len(b) > 0 {
		if _, err := t.Memory().CopyOut(addr+fiemapHead, b); err != nil {
			return err
		}
	}
	return put(t, addr, m)
}

type fiemapExtent struct {
	Logical, Physical, Length uint64
	_                         [2]uint64
	Flags                     uint32
	_                         [3]uint32
}

// dataOf is the parts of the file that have data; of a count of 0 all of them.
func dataOf(t *task.Task, f *vfs.File, m fiemap) (list []fiemapExtent, err error) {
	const most = 1 << 16
	pos, end := int64(m.Start), int64(m.Start+m.Length)
	for pos < end && len(list) < most && (m.Count == 0 || len(list) < int(m.Count)) {
		from, err := f.Ops.Seek(t, f, pos, unix.SEEK_DATA, 0)
		if err == unix.ENXIO || err == nil && from >= end {
			break
		}
		if err != nil {
			return nil, err
		}
		to, err := f.Ops.Seek(t, f, from, unix.SEEK_HOLE, 0)
		if err != nil {
			return nil, err
		}
		e := fiemapExtent{Logical: uint64(from), Flags: fiemapUnknown}
		e.Length = uint64(to-from+4095) &^ 4095
		if _, err := f.Ops.Seek(t, f, to, unix.SEEK_DATA, 0); err == unix.ENXIO {
			e.Flags |= fiemapLast
		}
		list = append(list, e)
		pos = to
	}
	return list, nil
}
