// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall statfs full
func statfs(t *task.Task, path user.Path, out user.Addr) error {
	p, err := lookupAt(t, vfs.AtFDCWD, path, 0)
	if err != nil {
		return err
	}
	return statfsOut(t, p, out)
}

//ditto:syscall fstatfs full
func fstatfs(t *task.Task, fd vfs.FD, out user.Addr) error {
	f, err := t.Files().GetPath(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return statfsOut(t, f.Path, out)
}

// mountStatFlags is calculate_f_flags.
func mountStatFlags(m *vfs.Mount) (st int64) {
	for _, f := range [...]struct {
		ms uint32
		st int64
	}{
		{unix.MS_RDONLY, unix.ST_RDONLY}, {unix.MS_NOSUID, unix.ST_NOSUID}, {unix.MS_NODEV, unix.ST_NODEV}, {unix.MS_NOEXEC, unix.ST_NOEXEC},
		{unix.MS_NOATIME, unix.ST_NOATIME}, {unix.MS_NODIRATIME, unix.ST_NODIRATIME}, {unix.MS_RELATIME, unix.ST_RELATIME},
		{unix.MS_NOSYMFOLLOW, 0x2000},
	} {
		if m.Flags()&f.ms != 0 {
			st |= f.st
		}
	}
	if m.ReadOnly() {
		st |= unix.ST_RDONLY
	}
	if m.Super().Flags()&unix.MS_SYNCHRONOUS != 0 {
		st |= unix.ST_SYNCHRONOUS
	}
	if m.Super().Flags()&unix.MS_MANDLOCK != 0 {
		st |= unix.ST_MANDLOCK
	}
	return st
}

// statfsOut copies a struct statfs out.
func statfsOut(t *task.Task, p vfs.Path, addr user.Addr) error {
	s, err := p.Inode().FS().Statfs(t)
	if err != nil {
		return err
	}
	const valid = 0x20 // ST_VALID
	flags := s.Flags | valid
	if p.Mount != nil {
		flags = valid | mountStatFlags(p.Mount)
	}
	var b [120]byte
	le := binary.LittleEndian
	for i, v := range [...]uint64{uint64(s.Type), uint64(s.Bsize), s.Blocks, s.Bfree, s.Bavail, s.Files, s.Ffree,
		uint64(uint32(s.Fsid[0])) | uint64(uint32(s.Fsid[1]))<<32, uint64(s.Namelen), uint64(s.Frsize), uint64(flags)} {
		le.PutUint64(b[8*i:], v)
	}
	_, err = t.Memory().CopyOutLast(addr, b[:], false)
	return err
}
