// SPDX-License-Identifier: Apache-2.0

// This file has what a writable hostfs changes on the host.

package hostfs

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

func uid(host uint32) cred.UID { return cred.UID(host) }
func gid(host uint32) cred.GID { return cred.GID(host) }

// SetAttr implements vfs.Inode.
func (i *inode) SetAttr(ctx vfs.Ctx, s *vfs.SetAttr) error {
	err := i.setAttrHost(s)
	i.stale()
	if s.Valid&vfs.AttrMode != 0 { // which a list goes with
		i.mu.Lock()
		i.forgetACLs()
		i.mu.Unlock()
	}
	if s.Valid&(vfs.AttrMode|vfs.AttrUID|vfs.AttrGID) != 0 {
		_, _ = i.Attr(ctx) // Mode is asked without it
	}
	return err
}

func (i *inode) setAttrHost(s *vfs.SetAttr) error {
	if s.Valid&vfs.AttrSize != 0 {
		h, err := i.acquire(forWrite)
		if err != nil {
			return err
		}
		err = unix.Ftruncate(h.fd, s.Size)
		h.release()
		if err != nil {
			return err
		}
	}
	err := i.changeOnHost(s)
	if err == nil && s.Valid&vfs.AttrMode != 0 { // who may search is asked before the host's answer is
		i.mode.Store(i.Mode()&unix.S_IFMT | s.Mode&0o7777)
	}
	return err
}

func (i *inode) changeOnHost(s *vfs.SetAttr) error {
	h := i.held()
	if h != nil {
		defer h.release()
		return s2host(h.fd, "", unix.AT_EMPTY_PATH, s)
	}
	if i.Mode()&unix.S_IFMT != unix.S_IFREG {
		if _, err := i.stat(); err != nil { // it may be another's name by now
			return err
		}
	}
	return i.byName(func(dir int, name string) error {
		flags := unix.AT_SYMLINK_NOFOLLOW
		if name == "" {
			flags |= unix.AT_EMPTY_PATH
		}
		return s2host(dir, name, flags, s)
	})
}

// Touch implements vfs.Toucher for FIFOs, whose data the host never sees; other files are read there. A time that is set
// moves the host's ctime too, which a read would not.
func (i *inode) Touch(rule vfs.AtimeRule) {
	if i.Mode()&unix.S_IFMT != unix.S_IFIFO || i.fs.o.ReadOnly {
		return
	}
	a, err := i.Attr(nil)
	if now := vfs.Now(); err == nil && rule.Due(a.Atime, a.Mtime, a.Ctime, now) {
		_ = i.SetAttr(nil, &vfs.SetAttr{Valid: vfs.AttrAtime, Atime: now})
	}
}

// Modify implements vfs.Modified: see Touch.
func (i *inode) Modify() {
	if i.Mode()&unix.S_IFMT == unix.S_IFIFO {
		_ = i.SetAttr(nil, &vfs.SetAttr{Valid: vfs.AttrMtime, Mtime: vfs.Now()})
	}
}

// s2host changes owner, then mode (which a change of owner changes), then times. A change of nothing, as chown(2) to nobody
// else makes, moves ctime alone.
func s2host(dir int, name string, flags int, s *vfs.SetAttr) error {
	if s.Valid == 0 {
		return unix.Fchownat(dir, name, -1, -1, flags)
	}
	if s.Valid&(vfs.AttrUID|vfs.AttrGID) != 0 {
		u, g := -1, -1
		if s.Valid&vfs.AttrUID != 0 {
			u = int(s.UID)
		}
		if s.Valid&vfs.AttrGID != 0 {
			g = int(s.GID)
		}
		if err := unix.Fchownat(dir, name, u, g, flags); err != nil {
			return err
		}
	}
	if s.Valid&vfs.AttrMode != 0 {
		if err := chmod(dir, name, s.Mode, flags); err != nil {
			return err
		}
	}
	if s.Valid&(vfs.AttrAtime|vfs.AttrMtime) == 0 {
		return nil
	}
	times := []unix.Timespec{{Nsec: unix.UTIME_OMIT}, {Nsec: unix.UTIME_OMIT}}
	if s.Valid&vfs.AttrAtime != 0 {
		times[0] = unix.Timespec{Sec: s.Atime.Sec, Nsec: int64(s.Atime.Nsec)}
	}
	if s.Valid&vfs.AttrMtime != 0 {
		times[1] = unix.Timespec{Sec: s.Mtime.Sec, Nsec: int64(s.Mtime.Nsec)}
	}
	return unix.UtimesNanoAt(dir, name, times, flags)
}

// chmod works on hosts before Linux 6.6 (fchmodat2) too, but for files that
// are held by a descriptor of O_PATH.
func chmod(dir int, name string, mode uint32, flags int) error {
	err := unix.Fchmodat(dir, name, mode, flags)
	if err != unix.EOPNOTSUPP && err != unix.ENOSYS && err != unix.EINVAL {
		return err
	}
	if name == "" {
		return unix.Fchmod(dir, mode)
	}
	return unix.Fchmodat(dir, name, mode, 0)
}

// Create implements vfs.Inode.
func (i *inode) Create(ctx vfs.Ctx, name string, mode uint32, rdev uint64) (vfs.Inode, error) {
	return i.add(ctx, name, mode, func(dir int) error {
		if mode&unix.S_IFMT != unix.S_IFREG {
			return unix.Mknodat(dir, name, mode, int(rdev))
		}
		fd, err := unix.Openat(dir, name, unix.O_CREAT|unix.O_EXCL|unix.O_RDWR|unix.O_NOFOLLOW|unix.O_CLOEXEC, mode&0o7777)
		if err == nil {
			unix.Close(fd)
		}
		return err
	})
}

// Mkdir implements vfs.Inode.
func (i *inode) Mkdir(ctx vfs.Ctx, name string, mode uint32) (vfs.Inode, error) {
	return i.add(ctx, name, mode, func(dir int) error { return unix.Mkdirat(dir, name, mode&0o7777) })
}

// Symlink implements vfs.Inode.
func (i *inode) Symlink(ctx vfs.Ctx, name, target string) (vfs.Inode, error) {
	return i.add(ctx, name, unix.S_IFLNK|0o777, func(dir int) error { return unix.Symlinkat(target, dir, name) })
}

// add makes a name on the host, and gives it to whom it belongs.
func (i *inode) add(ctx vfs.Ctx, name string, mode uint32, make func(dir int) error) (vfs.Inode, error) {
	if !plain(name) {
		return nil, unix.ENOENT
	}
	da, err := i.Attr(ctx)
	if err != nil {
		return nil, err
	}
	h, err := i.acquire(forRead)
	if err != nil {
		return nil, err
	}
	defer h.release()
	u, g, mode := vfs.NewOwner(ctx.Creds(), &da, mode)
	_, mode, err = vfs.InheritACL(ctx, i, mode) // the host gives the file the lists
	if err != nil {
		return nil, err
	}
	defer i.stale()
	if err := make(h.fd); err != nil {
		return nil, err
	}
	st, err := own(h.fd, name, uint32(u), uint32(g), mode)
	if err != nil {
		flags := 0
		if mode&unix.S_IFMT == unix.S_IFDIR {
			flags = unix.AT_REMOVEDIR
		}
		_ = unix.Unlinkat(h.fd, name, flags)
		return nil, err
	}
	return i.fs.newInode(i, name, &st), nil
}

// own gives a new file its owner and mode, where the host gave others.
func own(dir int, name string, u, g, mode uint32) (unix.Statx_t, error) {
	st, err := statx(dir, name)
	if err != nil {
		return st, err
	}
	again := false
	if st.Uid != u || st.Gid != g {
		if err := unix.Fchownat(dir, name, int(u), int(g), unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return st, err
		}
		again = true
	}
	if mode&unix.S_IFMT != unix.S_IFLNK && (uint32(st.Mode)^mode)&0o7777 != 0 || again && mode&0o6000 != 0 {
		if err := chmod(dir, name, mode&0o7777, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return st, err
		}
		again = true
	}
	if again {
		return statx(dir, name)
	}
	return st, nil
}

// Link implements vfs.Inode.
func (i *inode) Link(_ vfs.Ctx, name string, target vfs.Inode) error {
	t, ok := target.(*inode)
	if !ok || t.fs != i.fs {
		return unix.EXDEV
	}
	if !plain(name) {
		return unix.ENOENT
	}
	err := i.asDir(func(dir int) error {
		if t.nameless.Load() {
			return t.linkNameless(dir, name)
		}
		return t.byName(func(from int, old string) error { return unix.Linkat(from, old, dir, name, 0) })
	})
	if err == nil {
		if t.nameless.Load() {
			t.fs.know(t)
		}
		t.seenAt(place{i, name})
	}
	i.stale()
	t.stale()
	return err
}

// Unlink implements vfs.Inode.
func (i *inode) Unlink(_ vfs.Ctx, name string, target vfs.Inode) error {
	return i.remove(name, target, 0)
}

// Rmdir implements vfs.Inode.
func (i *inode) Rmdir(_ vfs.Ctx, name string, target vfs.Inode) error {
	return i.remove(name, target, unix.AT_REMOVEDIR)
}

func (i *inode) remove(name string, target vfs.Inode, flags int) error {
	if !plain(name) {
		return unix.ENOENT
	}
	defer i.stale()
	t, ok := target.(*inode)
	if ok {
		t.pin()
	}
	err := i.asDir(func(dir int) error { return unix.Unlinkat(dir, name, flags) })
	if ok && err == nil {
		t.stale()
		t.goneFrom(place{i, name})
		t.letGo()
	}
	return err
}

// Rename implements vfs.Inode.
func (i *inode) Rename(_ vfs.Ctx, oldName string, moved vfs.Inode, newDir vfs.Inode, newName string, replaced vfs.Inode, flags uint32) error {
	m, ok1 := moved.(*inode)
	to, ok2 := newDir.(*inode)
	if !ok1 || !ok2 || to.fs != i.fs {
		return unix.EXDEV
	}
	if !plain(oldName) || !plain(newName) {
		return unix.ENOENT
	}
	r, replaces := replaced.(*inode)
	if replaces {
		r.pin()
	}
	err := i.asDir(func(from int) error {
		return to.asDir(func(dir int) error { return unix.Renameat2(from, oldName, dir, newName, uint(flags)) })
	})
	if err != nil {
		return err
	}
	m.seenAt(place{to, newName})
	m.goneFrom(place{i, oldName})
	i.stale()
	to.stale()
	m.stale()
	if replaces {
		r.stale()
		if flags&unix.RENAME_EXCHANGE != 0 {
			r.seenAt(place{i, oldName})
			r.goneFrom(place{to, newName})
		} else {
			r.goneFrom(place{to, newName})
			r.letGo()
		}
	}
	return nil
}
