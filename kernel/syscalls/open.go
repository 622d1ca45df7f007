// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const largeFile = 0x8000 // O_LARGEFILE, which a 64-bit caller always has

// openFlags are the flags that open(2) knows; it ignores others.
const openFlags = unix.O_ACCMODE | unix.O_CREAT | unix.O_EXCL | unix.O_NOCTTY | unix.O_TRUNC | unix.O_APPEND |
	unix.O_NONBLOCK | unix.O_SYNC | unix.O_ASYNC | unix.O_DIRECT | unix.O_DIRECTORY | unix.O_NOFOLLOW |
	unix.O_NOATIME | unix.O_CLOEXEC | unix.O_PATH | unix.O_TMPFILE | largeFile

//ditto:syscall open full
func open(t *task.Task, path user.Path, flags uint32, mode uint16) (int, error) {
	return openLegacy(t, vfs.AtFDCWD, path, flags, mode)
}

//ditto:syscall openat full
func openat(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32, mode uint16) (int, error) {
	return openLegacy(t, dirfd, path, flags, mode)
}

//ditto:syscall creat full
func creat(t *task.Task, path user.Path, mode uint16) (int, error) {
	return openLegacy(t, vfs.AtFDCWD, path, unix.O_CREAT|unix.O_WRONLY|unix.O_TRUNC, mode)
}

func openLegacy(t *task.Task, dirfd vfs.FD, path user.Path, flags uint32, mode uint16) (int, error) {
	return openAt(t, dirfd, path, legacyHow(flags, mode))
}

// legacyHow is what open(2) makes of its flags (build_open_how).
func legacyHow(flags uint32, mode uint16) vfs.OpenHow {
	how := vfs.OpenHow{Flags: flags&openFlags | largeFile, Mode: uint32(mode) & 0o7777}
	if flags&(unix.O_CREAT|unix.O_TMPFILE&^unix.O_DIRECTORY) == 0 {
		how.Mode = 0
	}
	if flags&unix.O_PATH != 0 {
		how.Flags &= unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	}
	return how
}

// resolveFlags are the RESOLVE_* flags that openat2(2) knows.
const resolveFlags = unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_SYMLINKS |
	unix.RESOLVE_BENEATH | unix.RESOLVE_IN_ROOT | vfs.ResolveCached

//ditto:syscall openat2 full
func openat2(t *task.Task, dirfd vfs.FD, path user.Path, how user.Addr, size uint64) (int, error) {
	h, err := how2(t, how, size)
	if err != nil {
		return 0, err
	}
	return openAt(t, dirfd, path, h)
}

// how2 is the struct open_how at an address: EINVAL, E2BIG, EAGAIN.
func how2(t *task.Task, how user.Addr, size uint64) (h vfs.OpenHow, err error) {
	raw, err := openHowIn(t, how, size)
	if err != nil {
		return h, err
	}
	flags, mode, resolve := raw[0], raw[1], raw[2]
	switch {
	case flags&^openFlags != 0, resolve&^resolveFlags != 0,
		resolve&unix.RESOLVE_BENEATH != 0 && resolve&unix.RESOLVE_IN_ROOT != 0,
		flags&(unix.O_CREAT|unix.O_TMPFILE&^unix.O_DIRECTORY) == 0 && mode != 0,
		mode&^0o7777 != 0,
		flags&unix.O_PATH != 0 && flags&^(unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC) != 0:
		return h, unix.EINVAL
	}
	if flags&unix.O_PATH == 0 {
		flags |= largeFile
	}
	h = vfs.OpenHow{Flags: uint32(flags), Mode: uint32(mode), Resolve: vfs.How(resolve)}
	if err := h.Check(); err != nil {
		return h, err
	}
	if resolve&vfs.ResolveCached != 0 && flags&(unix.O_TRUNC|unix.O_CREAT|unix.O_TMPFILE&^unix.O_DIRECTORY) != 0 {
		return h, unix.EAGAIN // after all that is wrong with the flags
	}
	return h, nil
}

// openHowIn copies a struct open_how in: copy_struct_from_user.
func openHowIn(t *task.Task, addr user.Addr, size uint64) (how [3]uint64, err error) {
	const known = 24
	switch {
	case size < known:
		return how, unix.EINVAL
	case size > 4096:
		return how, unix.E2BIG
	}
	raw := make([]byte, size)
	if _, err := t.Memory().CopyIn(addr, raw); err != nil {
		return how, err
	}
	for _, b := range raw[known:] {
		if b != 0 {
			return how, unix.E2BIG
		}
	}
	for i := range how {
		how[i] = binary.LittleEndian.Uint64(raw[i*8:])
	}
	return how, nil
}

func openAt(t *task.Task, dirfd vfs.FD, addr user.Path, how vfs.OpenHow) (int, error) {
	w, err := openWhat(t, dirfd, addr, how)
	if err != nil {
		return 0, err
	}
	// do_sys_openat2 takes a descriptor before it looks for the file, and keeps it while that is waited for.
	files := t.Files()
	fd, err := files.Reserve(t.RLimit(unix.RLIMIT_NOFILE))
	if err != nil {
		return 0, err
	}
	f, err := w.open(t)
	if err != nil {
		files.Fill(fd, nil, false)
		return 0, err
	}
	if f.Creds == nil {
		f.Creds = t.Creds()
	}
	files.Fill(fd, f, how.Flags&unix.O_CLOEXEC != 0)
	return int(fd), nil
}

// toOpen is a name to be opened, and where it starts.
type toOpen struct {
	at   vfs.At
	path string
	how  vfs.OpenHow
}

func (o *toOpen) open(t *task.Task) (*vfs.File, error) { return vfs.Open(t, o.at, o.path, o.how) }

// openFile is openAt without a descriptor, for which there is room.
func openFile(t *task.Task, dirfd vfs.FD, addr user.Path, how vfs.OpenHow) (*vfs.File, error) {
	o, err := openWhat(t, dirfd, addr, how)
	if err != nil {
		return nil, err
	}
	if !t.Files().HasRoom(t.RLimit(unix.RLIMIT_NOFILE)) {
		return nil, unix.EMFILE
	}
	return o.open(t)
}

func openWhat(t *task.Task, dirfd vfs.FD, addr user.Path, how vfs.OpenHow) (o toOpen, err error) {
	if err := how.Check(); err != nil {
		return o, err
	}
	path, err := pathIn(t, addr)
	if err != nil {
		return o, err
	}
	// In a root of its own an absolute path starts at dirfd too.
	start := path
	if how.Resolve&unix.RESOLVE_IN_ROOT != 0 {
		start = "."
	}
	at, err := startAt(t, dirfd, start)
	if err != nil {
		return o, err
	}
	how.Umask = t.FS().Umask()
	return toOpen{at, path, how}, nil
}

// install gives a file a descriptor; if there is none left the file is closed.
func install(t *task.Task, f *vfs.File, from vfs.FD, cloexec bool) (int, error) {
	if f.Creds == nil { // a file that was not opened by a name
		f.Creds = t.Creds()
	}
	fd, err := t.Files().Install(f, from, cloexec, t.RLimit(unix.RLIMIT_NOFILE))
	if err != nil {
		f.DecRef()
		return 0, err
	}
	return int(fd), nil
}

//ditto:syscall close full
func close_(t *task.Task, fd vfs.FD) error {
	f, err := t.Files().Remove(fd)
	if err != nil {
		return err
	}
	return t.Files().Finish(t, f)
}

//ditto:syscall close_range full
func closeRange(t *task.Task, first, last, flags uint32) error {
	switch {
	case flags&^(unix.CLOSE_RANGE_UNSHARE|unix.CLOSE_RANGE_CLOEXEC) != 0:
		return unix.EINVAL
	case first > last:
		return unix.EINVAL
	}
	if flags&unix.CLOSE_RANGE_UNSHARE != 0 && t.Files().Shared() {
		t.SetFiles(t.Files().Copy()).Drop(t)
	}
	t.Files().CloseRange(t, first, last, flags&unix.CLOSE_RANGE_CLOEXEC != 0)
	return nil
}
