// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// cacheSpan is struct cachestat_range.
type cacheSpan struct{ Off, Len uint64 }

//ditto:syscall cachestat full
func cachestat(t *task.Task, fd vfs.FD, urange, ustat user.Addr, flags uint32) error {
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	var span cacheSpan
	if err := get(t, urange, &span); err != nil {
		return err
	}
	if err := mayCachestat(t, f); err != nil {
		return err
	}
	if flags != 0 {
		return unix.EINVAL
	}
	st, err := cached(t, f, span)
	if err != nil {
		return err
	}
	return put(t, ustat, &st)
}

// mayCachestat is can_do_cachestat: what is in the cache is for those to know
// who could write.
func mayCachestat(t *task.Task, f *vfs.File) error {
	if f.Writable() {
		return nil
	}
	a, err := f.Inode.Attr(t)
	if err != nil {
		return err
	}
	if c := t.Creds(); c.FSUID == a.UID || c.CapableFor(a.UID, a.GID, unix.CAP_FOWNER) {
		return nil
	}
	if vfs.Permission(t, f.Inode, vfs.MayWrite) != nil {
		return unix.EPERM
	}
	return nil
}

// cached is the state of a file's pages. Those of a file in memory are those
// that hold data; the host knows of the others. What is no regular file has none.
func cached(t *task.Task, f *vfs.File, span cacheSpan) (st unix.Cachestat_t, err error) {
	if f.Inode.Mode()&unix.S_IFMT != unix.S_IFREG {
		return st, nil
	}
	if m, ok := f.Ops.(interface {
		PagesIn(first, last uint64) (n uint64, ok bool)
	}); ok {
		last := ^uint64(0)
		if span.Len != 0 {
			last = (span.Off + span.Len - 1) / abi.PageSize
		}
		if n, ok := m.PagesIn(span.Off/abi.PageSize, last); ok {
			st.Cache = n
			return st, nil
		}
	}
	host, err := f.Ops.Mappable(t, f, unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return st, nil // made up when it is read: no page of it is kept
	}
	err = unix.Cachestat(uint(host), &unix.CachestatRange{Off: span.Off, Len: span.Len}, &st, 0)
	return st, err
}
