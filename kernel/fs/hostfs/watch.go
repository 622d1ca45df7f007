// SPDX-License-Identifier: Apache-2.0

// This file tells who watches files (inotify(7)) what others on the host do to them. The host says whether it was this process, whose
// own doings the vfs tells of; it says nothing of those who only read.

package hostfs

import (
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// watcher is the group that all of these file systems have together. It is there from the first watch on.
type watcher struct {
	poller *hostpoll.Poller

	mu     sync.Mutex // taken before the locks of inodes and handles
	group  *hostio.Watch
	failed bool // the host has none for us
	byID   map[hostio.FileID]*inode

	calls atomic.Int64 // of HostReady that drain has not seen to; 0: it does not run
	buf   []byte       // of drain
}

var watching atomic.Pointer[watcher]

// Start gives the package the poller that hears of others' changes. Without it nobody is told.
func Start(p *hostpoll.Poller) {
	watching.Store(&watcher{poller: p, byID: map[hostio.FileID]*inode{}, buf: make([]byte, 16<<10)})
}

// WatchHost implements vfs.HostWatched. What nobody else changes is not watched, nor what the host is not asked to open.
func (i *inode) WatchHost() (stop func()) {
	w := watching.Load()
	if w == nil || i.fs.o.Cached {
		return nil
	}
	if kind := i.Mode() & unix.S_IFMT; kind != unix.S_IFDIR && kind != unix.S_IFREG {
		return nil
	}
	id, ok := w.add(i)
	if !ok {
		return nil
	}
	return func() { w.remove(i, id) }
}

func (w *watcher) add(i *inode) (id hostio.FileID, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.start() {
		return "", false
	}
	err := i.onHost(func(fd int) (err error) {
		id, err = w.group.Add(fd, i.isDir())
		return err
	})
	if err != nil {
		return "", false
	}
	w.byID[id] = i
	return id, true
}

// start makes the group, once. Caller holds mu.
func (w *watcher) start() bool {
	if w.group != nil || w.failed {
		return w.group != nil
	}
	group, err := hostio.NewWatch()
	if err != nil {
		w.failed = true
		return false
	}
	w.group = group // from now on HostReady may come
	if _, err := w.poller.Add(group.FD(), w); err != nil {
		w.group, w.failed = nil, true
		_ = group.Close()
		return false
	}
	return true
}

func (w *watcher) remove(i *inode, id hostio.FileID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byID[id] == i {
		delete(w.byID, id)
		// The host has forgotten the mark of a file that is gone.
		_ = i.onHost(func(fd int) error { return w.group.Remove(fd, i.isDir()) })
	}
}

// onHost calls f with a descriptor of the file. It keeps none: the host tells of a file's end when nobody has it open.
func (i *inode) onHost(f func(fd int) error) error {
	h, err := i.acquire(forRead)
	if err != nil {
		return err
	}
	err = f(h.fd)
	h.release()
	if !i.nameless.Load() {
		i.closeIdle()
	}
	return err
}

// HostReady implements hostpoll.Watcher. What is told may take a question to the host, which the poller can't wait for.
func (w *watcher) HostReady(wait.Mask) {
	if w.calls.Add(1) == 1 {
		go w.drain()
	}
}

// drain tells of all that happened, and ends.
func (w *watcher) drain() {
	for {
		calls := w.calls.Load()
		w.takeAll()
		if w.calls.CompareAndSwap(calls, 0) {
			return
		}
	}
}

func (w *watcher) takeAll() {
	var list []hostio.WatchEvent
	for {
		var err error
		if list, err = w.group.Read(list[:0], w.buf); err != nil {
			return
		}
		for _, e := range list {
			if e.PID != os.Getpid() {
				w.tell(&e)
			}
		}
	}
}

// find is the watched file of an id, or nil.
func (w *watcher) find(id hostio.FileID) *inode {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.byID[id]
}

// tell passes an event on. The host makes one of several that happened one after another to the same file.
func (w *watcher) tell(e *hostio.WatchEvent) {
	if e.Mask&unix.FAN_Q_OVERFLOW != 0 {
		w.tellAll(unix.IN_Q_OVERFLOW)
		return
	}
	isDir := uint32(0)
	if e.Mask&unix.FAN_ONDIR != 0 {
		isDir = unix.IN_ISDIR
	}
	if e.Moved() {
		cookie := vfs.NewCookie()
		w.tellOne(e.Dir, vfs.Event{Mask: unix.IN_MOVED_FROM | isDir, Name: e.Name, Cookie: cookie})
		w.tellOne(e.NewDir, vfs.Event{Mask: unix.IN_MOVED_TO | isDir, Name: e.NewName, Cookie: cookie})
		return
	}
	dir := w.find(e.Dir)
	for _, mask := range order(dir, e) {
		if dir != nil && mask&selfOnly == 0 && e.Name != "" && e.Name != "." {
			vfs.Changed(dir, vfs.Event{Mask: mask | isDir, Name: e.Name})
		}
		if mask&entryOnly == 0 {
			w.tellSelf(itself(e), mask, isDir)
		}
	}
}

// Events of the directory that a file stands in alone, and of the file alone.
const (
	entryOnly = unix.IN_CREATE | unix.IN_DELETE
	selfOnly  = unix.IN_DELETE_SELF | unix.IN_MOVE_SELF
)

// itself is the file that the event is of.
func itself(e *hostio.WatchEvent) hostio.FileID {
	if e.File == "" || e.Name == "." {
		return e.Dir
	}
	return e.File
}

// order is the single events of e, in the order in which they are likely to have come about.
func order(dir *inode, e *hostio.WatchEvent) (list []uint32) {
	all := []uint32{unix.IN_CREATE, unix.IN_MODIFY, unix.IN_ATTRIB, unix.IN_CLOSE_WRITE, unix.IN_MOVE_SELF, unix.IN_DELETE_SELF, unix.IN_DELETE}
	if e.Mask&entryOnly == entryOnly && dir != nil && dir.has(e.Name) {
		all = slices.Insert(all[:len(all)-1], 0, unix.IN_DELETE) // removed, and made again
	}
	for _, mask := range all {
		if e.Mask&uint64(mask) != 0 {
			list = append(list, mask)
		}
	}
	return list
}

// has tells whether there is such a name in the directory.
func (i *inode) has(name string) bool {
	return plain(name) && i.asDir(func(dir int) error { _, err := statx(dir, name); return err }) == nil
}

func (w *watcher) tellOne(id hostio.FileID, e vfs.Event) {
	if i := w.find(id); i != nil {
		vfs.Changed(i, e)
	}
}

// tellSelf tells of an event of the file itself.
func (w *watcher) tellSelf(id hostio.FileID, mask, isDir uint32) {
	i := w.find(id)
	if i == nil {
		return
	}
	switch {
	case mask&selfOnly != 0:
		isDir = 0
	case isDir != 0: // the host does not say in which directory a directory stands
		if at := i.at.Load(); at.dir != nil {
			vfs.Changed(at.dir, vfs.Event{Mask: mask | isDir, Name: at.name})
		}
	case mask == unix.IN_ATTRIB:
		i.letGoOfEnd()
	}
	vfs.Changed(i, vfs.Event{Mask: mask | isDir})
}

func (w *watcher) tellAll(mask uint32) {
	w.mu.Lock()
	list := make([]*inode, 0, len(w.byID))
	for _, i := range w.byID {
		list = append(list, i)
	}
	w.mu.Unlock()
	for _, i := range list {
		vfs.Changed(i, vfs.Event{Mask: mask})
	}
}

// letGoOfEnd closes what is idle of a file that is not where it was seen: if others removed its last name, the host tells of its end after that.
func (i *inode) letGoOfEnd() {
	if st, err := i.stat(); err == unix.ENOENT || err == unix.ESTALE || err == nil && st.Nlink == 0 {
		i.closeIdle()
	}
}
