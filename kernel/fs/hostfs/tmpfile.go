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
	_, mode, err = vfs.InheritACL(ctx, i, mode|unix.S_IFREG)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	st, err := ownFile(fd, uint32(u), uint32(g), mode&0o7777)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	c := i.fs.newInode(i, "", &st)
	c.nameless.Store(true)
	c.kept.Store(c.adopt(fd, forWrite, false))
	return c, nil
}

// ownFile gives an open file its owner and permissions.
func ownFile(fd int, u, g, mode uint32) (unix.Statx_t, error) {
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
	if i.paths.Load() == 0 {
		i.letKeptGo()
	}
}

func (i *inode) letKeptGo() {
	if h := i.kept.Swap(nil); h != nil {
		h.release()
	}
}

// HoldPath implements vfs.PathHolder.
func (i *inode) HoldPath() { i.paths.Add(1) }

// DropPath implements vfs.PathHolder.
func (i *inode) DropPath() {
	if i.paths.Add(-1) == 0 {
		i.letKeptGo()
	}
}

// openNameless is another descriptor of a file without a name, from one that is open: ENOENT if none is that allows as
// much. It shares that one's flags, and moves the time of last access as that does.
func (i *inode) openNameless(kind int) (fd int, noatime bool, err error) {
	hs := &i.fs.handles
	hs.mu.Lock()
	defer hs.mu.Unlock()
	for _, from := range [...]int{forWrite, forWrite | quiet, forRead, quiet} {
		if h := i.handles[from]; h != nil && (kind&forWrite == 0 || from&forWrite != 0) {
			fd, err = unix.FcntlInt(uintptr(h.fd), unix.F_DUPFD_CLOEXEC, 5)
			return fd, h.noatime, err
		}
	}
	return -1, false, unix.ENOENT
}

// turn has the handle of a file without a name move the time of last access if it did not, and the other way round, until
// back is called: there is no other descriptor to be had. That fails where the host lets only the owner do it.
func (h *handle) turn() (back func()) {
	h.inode.turning.Lock()
	set := func(noatime bool) {
		flags, err := unix.FcntlInt(uintptr(h.fd), unix.F_GETFL, 0)
		if flags &^= unix.O_NOATIME; noatime {
			flags |= unix.O_NOATIME
		}
		if err == nil {
			_, _ = unix.FcntlInt(uintptr(h.fd), unix.F_SETFL, flags)
		}
	}
	set(!h.noatime)
	return func() {
		set(h.noatime)
		h.inode.turning.Unlock()
	}
}

// pin sees to it that a file whose name is about to go is still reached by who holds it otherwise than by the host's
// descriptor: what then has the name is another file, and may even get its inode number.
func (i *inode) pin() {
	switch {
	case i.isDir(): // someone may work in it; it goes on being one of the handles used lately
		if h, err := i.acquire(forRead); err == nil {
			h.release()
		}
	case i.canOpen():
		if i.paths.Load() > 0 {
			i.keep()
		}
	case i.opens.Load()+i.paths.Load() > 0: // a FIFO or its kin, which the host never opens
		i.pinUnopened()
	}
}

// keep holds a descriptor of a regular file as long as O_PATH files do.
func (i *inode) keep() {
	h, err := i.acquire(forWrite)
	if err != nil {
		h, err = i.acquire(forRead)
	}
	if err != nil {
		return
	}
	if !i.kept.CompareAndSwap(nil, h) {
		h.release()
	}
	if i.paths.Load() == 0 {
		i.letKeptGo()
	}
}

// pinUnopened holds a file by a descriptor that is closed when nobody knows the inode any more.
func (i *inode) pinUnopened() {
	fd, err := i.openAs(unix.O_PATH)
	if err != nil {
		return
	}
	if st, err := statx(fd, ""); err != nil || !i.is(&st) {
		unix.Close(fd)
		return
	}
	if i.adopt(fd, pinned, false).fd == fd { // else it was pinned before, and adopt has closed fd
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
