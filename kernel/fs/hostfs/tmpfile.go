// SPDX-License-Identifier: Apache-2.0

// This file is about files that have no name on the host (O_TMPFILE), or none any more. Such a file is reached through the
// descriptors of it that are open, and no other way; its inode holds one from when it is made until it is opened.

package hostfs

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Tmpfile implements vfs.TmpfileMaker by the host's own O_TMPFILE: EOPNOTSUPP where its file system has none.
func (i *inode) Tmpfile(ctx vfs.Ctx, mode uint32, linkable bool) (vfs.Inode, error) {
	da, err := i.Attr(ctx)
	if err != nil {
		return nil, err
	}
	flags := unix.O_TMPFILE | unix.O_RDWR | unix.O_CLOEXEC | unix.O_NONBLOCK
	if !linkable {
		flags |= unix.O_EXCL
	}
	fd := -1
	err = i.asDir(func(dir int) (err error) {
		fd, err = unix.Openat(dir, ".", flags, mode&0o7777)
		return err
	})
	if err != nil {
		return nil, err
	}
	u, g, mode := vfs.NewOwner(ctx.Creds(), &da, mode)
	st, err := ownFile(fd, uint32(u), uint32(g), mode&0o7777)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	c := i.fs.newInode(i, "", st)
	c.nameless.Store(true)
	c.unopened.Store(c.adopt(fd, forWrite))
	return c, nil
}

// ownFile gives an open file its owner and permissions.
func ownFile(fd int, u, g, mode uint32) (*unix.Statx_t, error) {
	st, err := statx(fd, "")
	if err == nil && (st.Uid != u || st.Gid != g) {
		err = unix.Fchown(fd, int(u), int(g))
	}
	if err == nil { // a change of owner clears the set-ID bits
		err = unix.Fchmod(fd, mode)
	}
	if err == nil {
		st, err = statx(fd, "")
	}
	return st, err
}

// opened lets go of the descriptor that kept the file until someone had it open.
func (i *inode) opened() {
	if h := i.unopened.Swap(nil); h != nil {
		h.release()
	}
}

// openNameless is another descriptor of a file without a name, from one that is open: ENOENT if none is that allows as
// much. It shares its flags with that, so that a quiet one is not quiet.
func (i *inode) openNameless(kind int) (int, error) {
	hs := &i.fs.handles
	hs.mu.Lock()
	defer hs.mu.Unlock()
	for _, from := range [...]int{forWrite, forWrite | quiet, forRead, quiet} {
		if h := i.handles[from]; h != nil && (kind&forWrite == 0 || from&forWrite != 0) {
			return unix.FcntlInt(uintptr(h.fd), unix.F_DUPFD_CLOEXEC, 5)
		}
	}
	return -1, unix.ENOENT
}

// pin holds a FIFO or its kin that someone has open, whose name is about to go: the host does not have it open, and what then
// has the name is another file. The descriptor is closed when nobody knows the inode any more.
func (i *inode) pin() {
	if i.canOpen() || i.opens.Load() == 0 {
		return
	}
	fd, err := i.openAs(unix.O_PATH)
	if err != nil {
		return
	}
	if st, err := statx(fd, ""); err != nil || !i.is(st) {
		unix.Close(fd)
		return
	}
	if i.adopt(fd, pinned).fd == fd { // else it was pinned before, and adopt has closed fd
		runtime.AddCleanup(i, func(fd int) { unix.Close(fd) }, fd)
	}
}

// linkNameless gives the file a name: ENOENT if the host lets it have none.
func (i *inode) linkNameless(dir int, name string) error {
	h := i.held()
	if h == nil {
		return unix.ENOENT
	}
	defer h.release()
	return unix.Linkat(h.fd, "", dir, name, unix.AT_EMPTY_PATH)
}
