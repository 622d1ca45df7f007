// SPDX-License-Identifier: Apache-2.0

// This file is two old calls on file systems: ustat by device, sysfs by type.

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall ustat full
func ustat(t *task.Task, dev uint32, out user.Addr) error {
	for _, m := range t.Mounts().Mounts() {
		d := m.FS.Dev()
		if unix.Major(d) != dev>>8&0xfff || unix.Minor(d) != dev&0xff|dev>>12&0xfff00 {
			continue
		}
		s, err := m.FS.Statfs(t)
		if err != nil {
			return err
		}
		var b [32]byte // struct ustat; names stay empty
		binary.LittleEndian.PutUint32(b[0:], uint32(s.Bfree))
		binary.LittleEndian.PutUint64(b[8:], s.Ffree)
		_, err = t.Memory().CopyOutLast(out, b[:], false)
		return err
	}
	return unix.EINVAL
}

// Options of sysfs(2).
const (
	sysfsIndex = 1
	sysfsName  = 2
	sysfsCount = 3
)

//ditto:syscall sysfs full
func sysfs(t *task.Task, option int32, arg1, arg2 uint64) (int, error) {
	names := vfs.FSNames()
	switch option {
	case sysfsIndex:
		name, err := pathIn(t, user.Path(arg1))
		if err != nil {
			return 0, err
		}
		for i, n := range names {
			if n == name {
				return i, nil
			}
		}
	case sysfsName:
		if i := uint64(uint32(arg1)); i < uint64(len(names)) {
			_, err := t.Memory().CopyOutLast(user.Addr(arg2), append([]byte(names[i]), 0), false)
			return 0, err
		}
	case sysfsCount:
		return len(names), nil
	}
	return 0, unix.EINVAL
}
