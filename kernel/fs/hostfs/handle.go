// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
)

// handle is a descriptor of the host for one inode, shared by all that use
// it. Positions are not used, but for listing a directory (dirMu).
type handle struct {
	fd      int
	inode   *inode
	kind    int
	noatime bool // moves no time of last access: as the kind says, but for a file without a name
	refs    int  // under handles.mu
	idle    bool // under handles.mu; else in use
	moved   bool // under dirMu: the descriptor's position is not at the start

	newer, older *handle // under handles.mu: those beside it among the idle

	reader hostio.Reader
	writer hostio.Writer // under inode.write
	dirMu  sync.Mutex
}

// The handles that an inode may have. A quiet one reads without moving the
// time of last access on the host.
const (
	forRead     = 0
	forWrite    = 1
	quiet       = 2
	pinned      = 4 // O_PATH, of what the host never opens: see pin
	handleKinds = 5
)

// handles keeps the handles that nobody uses for a while, the one used last
// for the longest.
type handles struct {
	max int

	mu             sync.Mutex
	newest, oldest *handle // of the idle ones
	idle           int     // how many they are
}

// acquire is a handle of the inode: the one there is, or a fresh one.
func (i *inode) acquire(kind int) (*handle, error) {
	hs := &i.fs.handles
	hs.mu.Lock()
	h := i.handles[kind]
	if h != nil {
		hs.use(h)
	}
	hs.mu.Unlock()
	if h != nil {
		return h, nil
	}
	noatime := kind&quiet != 0
	var fd int
	var err error
	if i.nameless.Load() && !i.isDir() {
		fd, noatime, err = i.openNameless(kind)
	} else {
		fd, err = i.openHost(kind)
	}
	if err != nil {
		return nil, err
	}
	return i.adopt(fd, kind, noatime), nil
}

// held is the handle of any kind that the inode has now, or nil.
func (i *inode) held() *handle {
	hs := &i.fs.handles
	hs.mu.Lock()
	defer hs.mu.Unlock()
	for _, h := range i.handles {
		if h != nil {
			hs.use(h)
			return h
		}
	}
	return nil
}

func (hs *handles) use(h *handle) {
	if h.idle {
		hs.remove(h)
	}
	h.refs++
}

// put makes the handle the newest of the idle ones, and remove ends that it is one of them.
func (hs *handles) put(h *handle) {
	h.idle, h.older = true, hs.newest
	if hs.newest != nil {
		hs.newest.newer = h
	} else {
		hs.oldest = h
	}
	hs.newest = h
	hs.idle++
}

func (hs *handles) remove(h *handle) {
	if h.newer != nil {
		h.newer.older = h.older
	} else {
		hs.newest = h.older
	}
	if h.older != nil {
		h.older.newer = h.newer
	} else {
		hs.oldest = h.newer
	}
	h.idle, h.newer, h.older = false, nil, nil
	hs.idle--
}

// adopt makes fd the inode's handle, unless it has got one meanwhile.
func (i *inode) adopt(fd, kind int, noatime bool) *handle {
	hs := &i.fs.handles
	hs.mu.Lock()
	defer hs.mu.Unlock()
	if h := i.handles[kind]; h != nil {
		unix.Close(fd)
		hs.use(h)
		return h
	}
	h := &handle{fd: fd, inode: i, kind: kind, noatime: noatime, refs: 1}
	i.handles[kind] = h
	return h
}

// release ends a use of the handle.
func (h *handle) release() {
	hs := &h.inode.fs.handles
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h.refs--
	if h.refs > 0 {
		return
	}
	hs.put(h)
	if h.inode.nameless.Load() {
		hs.close(h) // nobody finds the file again, and its blocks should go
	} else if hs.idle > hs.max {
		hs.close(hs.oldest)
	}
}

func (hs *handles) close(h *handle) {
	hs.remove(h)
	h.inode.handles[h.kind] = nil
	unix.Close(h.fd)
}

func (hs *handles) closeIdle() {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	for hs.oldest != nil {
		hs.close(hs.oldest)
	}
}

// letGo closes the idle handles of what is no directory (see pin): a name of the
// file is gone, and its blocks should go too if that was the last.
func (i *inode) letGo() {
	if i.isDir() {
		i.fs.forget(i)
		return
	}
	if h := i.held(); h != nil {
		if st, err := statx(h.fd, ""); err == nil && st.Nlink == 0 {
			i.nameless.Store(true)
			i.fs.forget(i)
		}
		h.release()
	} else if i.seenLinks() <= 1 {
		i.fs.forget(i)
	}
	i.closeIdle()
}

// closeIdle closes the inode's handles that nobody uses.
func (i *inode) closeIdle() {
	hs := &i.fs.handles
	hs.mu.Lock()
	defer hs.mu.Unlock()
	for _, h := range i.handles {
		if h != nil && h.idle {
			hs.close(h)
		}
	}
}

// openHost opens the file on the host, and checks that it is the same one.
func (i *inode) openHost(kind int) (int, error) {
	isDir := i.isDir()
	if !isDir && i.Mode()&unix.S_IFMT != unix.S_IFREG {
		return -1, unix.ENXIO
	}
	flags := uint64(unix.O_RDONLY)
	if isDir {
		flags |= unix.O_DIRECTORY
	} else if kind&forWrite != 0 {
		flags = unix.O_RDWR
	}
	extra := uint64(0)
	if kind&quiet != 0 {
		extra = unix.O_NOATIME
	}
	fd, err := i.openAs(flags | extra)
	if err == unix.EPERM && extra != 0 { // not our file on the host: then time moves
		extra = 0
		fd, err = i.openAs(flags)
	}
	if err == unix.EACCES && isDir {
		fd, err = i.openAs(unix.O_PATH | unix.O_DIRECTORY)
	} else if err == unix.EACCES && kind&forWrite != 0 {
		fd, err = i.openAs(unix.O_WRONLY | extra)
	}
	if err != nil {
		return -1, err
	}
	st, err := statx(fd, "")
	if err == nil && !i.is(&st) {
		err = unix.ESTALE
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func (i *inode) openAs(flags uint64) (int, error) {
	how := unix.OpenHow{
		Flags:   flags | unix.O_NOFOLLOW | unix.O_CLOEXEC | unix.O_NONBLOCK,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	}
	if flags&unix.O_PATH != 0 {
		how.Flags &^= unix.O_NONBLOCK
	}
	at := i.at.Load()
	if i.isDir() { // by itself, if that can be: its name may be gone
		if h := i.held(); h != nil {
			defer h.release()
			return openat2(h.fd, ".", &how)
		}
	} else if at.dir == nil {
		// The file itself was handed over, open as far as the host lets this process.
		mode, err := unix.FcntlInt(uintptr(i.fs.base), unix.F_GETFL, 0)
		if err == nil && flags&unix.O_ACCMODE != unix.O_RDONLY && mode&unix.O_ACCMODE == unix.O_RDONLY {
			err = unix.EACCES
		}
		if err != nil {
			return -1, err
		}
		return unix.FcntlInt(uintptr(i.fs.base), unix.F_DUPFD_CLOEXEC, 5)
	}
	if at.dir == nil {
		return openat2(i.fs.base, ".", &how)
	}
	dir, err := at.dir.acquire(forRead)
	if err != nil {
		return -1, err
	}
	defer dir.release()
	return openat2(dir.fd, at.name, &how)
}

func openat2(dir int, name string, how *unix.OpenHow) (int, error) {
	for {
		fd, err := unix.Openat2(dir, name, how)
		if err != unix.EINTR && err != unix.EAGAIN {
			return fd, err
		}
	}
}
