// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall utime full
func utime(t *task.Task, path user.Path, times user.Addr) error {
	var ts *[2]vfs.Timestamp
	if times != 0 {
		raw, err := wordsIn[[2]int64](t, times)
		if err != nil {
			return err
		}
		ts = &[2]vfs.Timestamp{{Sec: raw[0]}, {Sec: raw[1]}}
	}
	return utimensAt(t, vfs.AtFDCWD, path, ts, 0)
}

//ditto:syscall utimes full
func utimes(t *task.Task, path user.Path, times user.Addr) error {
	return futimesat(t, vfs.AtFDCWD, path, times)
}

//ditto:syscall futimesat full
func futimesat(t *task.Task, dirfd vfs.FD, path user.Path, times user.Addr) error {
	ts, err := timesIn(t, times)
	if err != nil {
		return err
	}
	if ts != nil {
		for i := range ts {
			if ts[i].Nsec >= 1e6 {
				return unix.EINVAL
			}
			ts[i].Nsec *= 1000
		}
	}
	if path == 0 && dirfd != vfs.AtFDCWD {
		return utimensFD(t, dirfd, ts, 0)
	}
	return utimensAt(t, dirfd, path, ts, 0)
}

//ditto:syscall utimensat full
func utimensat(t *task.Task, dirfd vfs.FD, path user.Path, times user.Addr, flags uint32) error {
	ts, err := timesIn(t, times)
	if err != nil {
		return err
	}
	if ts != nil {
		if ts[0].Nsec == vfs.UtimeOmit && ts[1].Nsec == vfs.UtimeOmit {
			return nil // nothing to do, and nothing is looked at
		}
	}
	if path == 0 && dirfd != vfs.AtFDCWD {
		return utimensFD(t, dirfd, ts, flags)
	}
	return utimensAt(t, dirfd, path, ts, flags)
}

func utimensAt(t *task.Task, dirfd vfs.FD, path user.Path, ts *[2]vfs.Timestamp, flags uint32) error {
	if flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return unix.EINVAL
	}
	p, err := lookupAt(t, dirfd, path, flags)
	if err != nil {
		return err
	}
	return vfs.Utimens(t, p, ts)
}

func utimensFD(t *task.Task, fd vfs.FD, ts *[2]vfs.Timestamp, flags uint32) error {
	if flags != 0 {
		return unix.EINVAL
	}
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	return vfs.Utimens(t, f.Path, ts)
}

// timesIn copies two structs timespec (or timeval) in; nil for no address.
func timesIn(t *task.Task, addr user.Addr) (*[2]vfs.Timestamp, error) {
	if addr == 0 {
		return nil, nil
	}
	raw, err := wordsIn[[4]int64](t, addr)
	if err != nil {
		return nil, err
	}
	ts := &[2]vfs.Timestamp{}
	for i := range ts {
		nsec := raw[2*i+1]
		if nsec < 0 || nsec > 1<<31 {
			nsec = 1e9 // as wrong as any: it is refused once the file is found
		}
		ts[i] = vfs.Timestamp{Sec: raw[2*i], Nsec: uint32(nsec)}
	}
	return ts, nil
}

// wordsIn copies an array of numbers in.
func wordsIn[A any](t *task.Task, addr user.Addr) (A, error) {
	var a A
	raw := make([]byte, binary.Size(a))
	if _, err := t.Memory().CopyIn(addr, raw); err != nil {
		return a, err
	}
	_, err := binary.Decode(raw, binary.LittleEndian, &a)
	return a, err
}
