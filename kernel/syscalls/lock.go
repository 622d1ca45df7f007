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

//ditto:syscall flock full
func flock(t *task.Task, fd vfs.FD, op uint32) error {
	const mand = 32 // LOCK_MAND, which does nothing any more
	if op&mand != 0 {
		return nil
	}
	kind := op &^ unix.LOCK_NB
	switch kind {
	case unix.LOCK_SH, unix.LOCK_EX, unix.LOCK_UN:
	default:
		return unix.EINVAL
	}
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if kind != unix.LOCK_UN && !f.Readable() && !f.Writable() {
		return unix.EBADF
	}
	return vfs.Flock(t, f, int(kind), op&unix.LOCK_NB == 0)
}

// flockStruct is struct flock.
type flockStruct struct {
	Type, Whence int16
	_            int32
	Start, Len   int64
	PID          int32
	_            int32
}

const flockSize = 32

func flockIn(t *task.Task, addr user.Addr) (l flockStruct, err error) {
	var raw [flockSize]byte
	if _, err := t.Memory().CopyIn(addr, raw[:]); err != nil {
		return l, err
	}
	le := binary.LittleEndian
	return flockStruct{
		Type: int16(le.Uint16(raw[0:])), Whence: int16(le.Uint16(raw[2:])),
		Start: int64(le.Uint64(raw[8:])), Len: int64(le.Uint64(raw[16:])), PID: int32(le.Uint32(raw[24:])),
	}, nil
}

func isOFD(cmd uint32) bool {
	return cmd == unix.F_OFD_GETLK || cmd == unix.F_OFD_SETLK || cmd == unix.F_OFD_SETLKW
}

// lockOf is the lock that a struct flock means (flock_to_posix_lock).
func lockOf(t *task.Task, f *vfs.File, cmd uint32, l *flockStruct) (vfs.Lock, error) {
	lock := vfs.Lock{Owner: t.Files(), Type: l.Type, PID: t.Group().ID()}
	base := int64(0)
	switch l.Whence {
	case unix.SEEK_SET:
	case unix.SEEK_CUR:
		if f.Ops.Seekable() {
			pos, err := f.Seek(t, 0, unix.SEEK_CUR)
			if err != nil {
				return lock, err
			}
			base = pos
		}
	case unix.SEEK_END:
		a, err := f.Inode.Attr(t)
		if err != nil {
			return lock, err
		}
		base = a.Size
	default:
		return lock, unix.EINVAL
	}
	if l.Start > math.MaxInt64-base {
		return lock, unix.EOVERFLOW
	}
	if lock.Start = base + l.Start; lock.Start < 0 {
		return lock, unix.EINVAL
	}
	switch {
	case l.Len > 0:
		if l.Len-1 > math.MaxInt64-lock.Start {
			return lock, unix.EOVERFLOW
		}
		lock.End = lock.Start + l.Len - 1
	case l.Len < 0:
		if lock.Start+l.Len < 0 {
			return lock, unix.EINVAL
		}
		lock.End = lock.Start - 1
		lock.Start += l.Len
	default:
		lock.End = math.MaxInt64
	}
	if isOFD(cmd) {
		lock.Owner, lock.PID = f, -1
	}
	if l.Type < unix.F_RDLCK || l.Type > unix.F_UNLCK {
		return lock, unix.EINVAL
	}
	return lock, nil
}

func getLock(t *task.Task, f *vfs.File, cmd uint32, addr user.Addr) error {
	l, err := flockIn(t, addr)
	if err != nil {
		return err
	}
	// F_UNLCK asks for locks of one's own, which only open files can (posix_test_locks_conflict).
	if l.Type != unix.F_RDLCK && l.Type != unix.F_WRLCK && !isOFD(cmd) {
		return unix.EINVAL
	}
	want, err := lockOf(t, f, cmd, &l)
	switch {
	case err != nil:
		return err
	case isOFD(cmd) && l.PID != 0:
		return unix.EINVAL
	}
	l.Type = unix.F_UNLCK
	if m, found := vfs.GetLock(f, &want); found {
		l = flockStruct{Type: m.Type, Start: m.Start, PID: m.PID}
		if l.PID > 0 {
			l.PID = t.ShowPid(l.PID)
		}
		if m.End != math.MaxInt64 {
			l.Len = m.End - m.Start + 1
		}
	}
	var raw [flockSize]byte
	le := binary.LittleEndian
	le.PutUint16(raw[0:], uint16(l.Type))
	le.PutUint16(raw[2:], uint16(l.Whence))
	le.PutUint64(raw[8:], uint64(l.Start))
	le.PutUint64(raw[16:], uint64(l.Len))
	le.PutUint32(raw[24:], uint32(l.PID))
	_, err = t.Memory().CopyOut(addr, raw[:])
	return err
}

func setLock(t *task.Task, f *vfs.File, fd vfs.FD, cmd uint32, addr user.Addr) error {
	l, err := flockIn(t, addr)
	if err != nil {
		return err
	}
	want, err := lockOf(t, f, cmd, &l)
	switch {
	case err != nil:
		return err
	case l.Type == unix.F_RDLCK && !f.Readable(), l.Type == unix.F_WRLCK && !f.Writable():
		return unix.EBADF
	case isOFD(cmd) && l.PID != 0:
		return unix.EINVAL
	}
	if err := vfs.SetLock(t, f, want, cmd == unix.F_SETLKW || cmd == unix.F_OFD_SETLKW); err != nil || want.Type == unix.F_UNLCK || isOFD(cmd) {
		return err
	}
	// The descriptor may have gone elsewhere meanwhile, and with it what the close was to give up (fcntl_setlk).
	if now, err := t.Files().GetPath(fd); err == nil {
		defer now.DecRef()
		if now == f {
			return nil
		}
	}
	want.Type = unix.F_UNLCK
	if err := vfs.SetLock(t, f, want, false); err != nil {
		return err
	}
	return unix.EBADF
}
