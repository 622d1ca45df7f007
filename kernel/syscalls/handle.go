// SPDX-License-Identifier: Apache-2.0

// This file is the calls that name files by handles (fs/fhandle.c).

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	maxHandleSize   = 128   // MAX_HANDLE_SZ
	handleHead      = 8     // struct file_handle without its bytes
	atHandleID      = 0x200 // AT_HANDLE_FID
	atHandleUnique  = 1     // AT_HANDLE_MNT_ID_UNIQUE
	atHandleConnect = 2     // AT_HANDLE_CONNECTABLE

	// Bits of a handle's type that are not the file system's (FILEID_USER_FLAGS_MASK).
	handleConnectable = 0x10000
	handleDir         = 0x20000
	handleUserFlags   = 0xffff0000
)

// handleHeader is struct file_handle without its bytes.
type handleHeader struct {
	Bytes uint32
	Type  int32
}

//ditto:syscall name_to_handle_at full
func nameToHandleAt(t *task.Task, dirfd vfs.FD, path user.Path, handle, mntID user.Addr, flags uint32) error {
	if flags&^(unix.AT_SYMLINK_FOLLOW|unix.AT_EMPTY_PATH|atHandleID|atHandleUnique|atHandleConnect) != 0 ||
		flags&atHandleConnect != 0 && flags&(atHandleID|unix.AT_EMPTY_PATH) != 0 {
		return unix.EINVAL
	}
	look := flags & unix.AT_EMPTY_PATH
	if flags&unix.AT_SYMLINK_FOLLOW == 0 {
		look |= unix.AT_SYMLINK_NOFOLLOW
	}
	p, err := lookupAt(t, dirfd, path, look)
	if err != nil {
		return err
	}
	use := vfs.HandleToOpen
	switch {
	case flags&atHandleID != 0:
		use = vfs.HandleAsID
	case flags&atHandleConnect != 0:
		use = vfs.HandleConnectable
	}
	return handleOut(t, p, handle, mntID, use, flags&atHandleUnique != 0)
}

// handleOut is do_sys_name_to_handle.
func handleOut(t *task.Task, p vfs.Path, addr, mntID user.Addr, use vfs.HandleUse, unique bool) error {
	if !vfs.HasHandles(p, use) {
		return unix.EOPNOTSUPP
	}
	var head handleHeader
	if err := get(t, addr, &head); err != nil {
		return err
	}
	if head.Bytes > maxHandleSize {
		return unix.EINVAL
	}
	h, err := vfs.HandleOf(t, p, use, int(head.Bytes))
	if err != nil {
		return err
	}
	var over error
	id := h.ID
	switch {
	case h.Type == vfs.HandleInvalid:
		over, id = unix.EOVERFLOW, nil
	case use == vfs.HandleConnectable:
		h.Type |= handleConnectable
		if p.Dentry.IsDir() {
			h.Type |= handleDir
		}
	}
	if unique {
		err = put64(t, mntID, p.Mount.Unique)
	} else {
		err = put32(t, mntID, uint32(p.Mount.ID))
	}
	if err == nil {
		err = put(t, addr, handleHeader{uint32(len(h.ID)), h.Type})
	}
	if err == nil {
		_, err = t.Memory().CopyOut(addr+handleHead, id)
	}
	if err != nil {
		return err
	}
	return over
}

//ditto:syscall open_by_handle_at full
func openByHandleAt(t *task.Task, mountFD vfs.FD, addr user.Addr, flags uint32) (int, error) {
	var head handleHeader
	if err := get(t, addr, &head); err != nil {
		return 0, err
	}
	if head.Bytes == 0 || head.Bytes > maxHandleSize || head.Type < 0 || head.Type&^0xffff&^(handleConnectable|handleDir) != 0 {
		return 0, unix.EINVAL
	}
	root := t.FS().Cwd()
	if mountFD != vfs.AtFDCWD {
		f, err := t.Files().Get(mountFD)
		if err != nil {
			return 0, err
		}
		defer f.DecRef()
		root = f.Path
	}
	if err := root.MayDecode(t.Creds(), flags); err != nil {
		return 0, err
	}
	h := vfs.Handle{Type: head.Type & 0xffff, ID: make([]byte, head.Bytes)}
	if _, err := t.Memory().CopyIn(addr+handleHead, h.ID); err != nil {
		return 0, err
	}
	if flags&(unix.O_SYNC&^unix.O_DSYNC) != 0 {
		flags |= unix.O_DSYNC // __O_SYNC has it in it
	}
	how := vfs.OpenHow{Flags: flags&openFlags | largeFile, Umask: t.FS().Umask()}
	find := vfs.HandleWant{Connected: head.Type&handleConnectable != 0, Dir: head.Type&handleDir != 0}
	p, err := vfs.FindHandle(t, root, h, find, flags)
	if err != nil {
		return 0, err
	}
	if !t.Files().HasRoom(t.RLimit(unix.RLIMIT_NOFILE)) {
		return 0, unix.EMFILE
	}
	f, err := vfs.OpenFound(t, p, how)
	if err != nil {
		return 0, err
	}
	return install(t, f, 0, flags&unix.O_CLOEXEC != 0)
}
