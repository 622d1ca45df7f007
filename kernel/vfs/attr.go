// SPDX-License-Identifier: Apache-2.0

// This file changes the attributes of a file that was found: the permission
// that each change needs, and what else it changes.

package vfs

import (
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// Stat are the attributes of what is at p.
func Stat(ctx Ctx, p Path) (Attr, error) { return p.Dentry.inode.Attr(ctx) }

// Access is faccessat2(2): may creds do mask (MayRead and its kin; 0: exist)?
func Access(ctx Ctx, creds *cred.Creds, p Path, mask uint32) error {
	inode := p.Dentry.inode
	kind := inode.Mode() & unix.S_IFMT
	if mask&MayExec != 0 && kind == unix.S_IFREG && p.Mount.Flags()&unix.MS_NOEXEC != 0 {
		return unix.EACCES
	}
	if err := permission(ctx, creds, inode, mask); err != nil {
		return err
	}
	if mask&MayWrite != 0 && p.Mount.ReadOnly() {
		switch kind {
		case unix.S_IFREG, unix.S_IFDIR, unix.S_IFLNK:
			return unix.EROFS
		}
	}
	return nil
}

// LookupAs is Lookup with other credentials than the caller's own.
func LookupAs(ctx Ctx, creds *cred.Creds, at At, path string, how How) (Path, error) {
	w := walker{ctx: ctx, creds: creds, how: how}
	if err := w.start(at, path); err != nil {
		return Path{}, err
	}
	err := w.walk(path)
	if err == nil {
		w.cur.Mount.used()
	}
	return w.cur, err
}

// change is a change of attributes that is allowed by check.
func change(ctx Ctx, p Path, check func(a *Attr, creds *cred.Creds) (SetAttr, error)) error {
	if p.Mount.ReadOnly() {
		return unix.EROFS
	}
	a, err := p.Dentry.inode.Attr(ctx)
	if err != nil {
		return err
	}
	s, err := check(&a, ctx.Creds())
	if err != nil {
		return err
	}
	if err := p.Dentry.inode.SetAttr(ctx, &s); err != nil {
		return err
	}
	notifyChange(ctx, p, s.Valid)
	return nil
}

// Chmod is fchmodat(2).
func Chmod(ctx Ctx, p Path, mode uint32) error {
	return change(ctx, p, func(a *Attr, creds *cred.Creds) (SetAttr, error) {
		mode &= 0o7777
		switch {
		case isFixed(p.Dentry.inode):
			return SetAttr{}, unix.EPERM
		case a.IsSymlink(), isUnchangeable(p.Dentry.inode):
			return SetAttr{}, unix.EOPNOTSUPP
		case !a.OwnerOrCapable(creds):
			return SetAttr{}, unix.EPERM
		case !creds.InGroup(a.GID) && !creds.CapableFor(a.UID, a.GID, unix.CAP_FSETID):
			mode &^= unix.S_ISGID
		}
		return SetAttr{Valid: AttrMode, Mode: mode}, nil
	})
}

// Chown is fchownat(2), with ids as the caller's user namespace has them; one of all ones means no change.
func Chown(ctx Ctx, p Path, uid, gid uint32) error {
	return change(ctx, p, func(a *Attr, creds *cred.Creds) (SetAttr, error) {
		var s SetAttr
		if uid != math.MaxUint32 && creds.NS().ToUID(uid) == cred.NoUID || gid != math.MaxUint32 && creds.NS().ToGID(gid) == cred.NoGID {
			return s, unix.EINVAL
		}
		if (uid != math.MaxUint32 || gid != math.MaxUint32) && isFixed(p.Dentry.inode) {
			return s, unix.EPERM
		}
		if isUnchangeable(p.Dentry.inode) {
			return s, unix.EOPNOTSUPP
		}
		able := creds.CapableFor(a.UID, a.GID, unix.CAP_CHOWN)
		if uid != math.MaxUint32 {
			s.Valid, s.UID = s.Valid|AttrUID, creds.NS().ToUID(uid)
			if !able && (creds.FSUID != a.UID || s.UID != a.UID) {
				return s, unix.EPERM
			}
		}
		if gid != math.MaxUint32 {
			s.Valid, s.GID = s.Valid|AttrGID, creds.NS().ToGID(gid)
			if !able && (creds.FSUID != a.UID || s.GID != a.GID && !creds.InGroup(s.GID)) {
				return s, unix.EPERM
			}
		}
		if !a.IsDir() {
			s.setMode(a, a.dropSetid(creds))
			// Who changes neither owner nor group may have no right to take the bits away.
			if s.Valid&AttrMode != 0 && !a.OwnerOrCapable(creds) {
				return s, unix.EPERM
			}
		}
		return s, nil
	})
}

func (s *SetAttr) setMode(a *Attr, mode uint32) {
	if mode != a.Mode {
		s.Valid, s.Mode = s.Valid|AttrMode, mode&0o7777
	}
}

// Times of utimensat(2), in place of nanoseconds.
const (
	UtimeNow  = unix.UTIME_NOW
	UtimeOmit = unix.UTIME_OMIT
)

// Utimens is utimensat(2). nil stands for the time now, twice.
func Utimens(ctx Ctx, p Path, times *[2]Timestamp) error {
	both := [2]Timestamp{{Nsec: UtimeNow}, {Nsec: UtimeNow}}
	if times != nil {
		both = *times
	}
	if both[0].Nsec == UtimeOmit && both[1].Nsec == UtimeOmit {
		return nil
	}
	for _, t := range both {
		if t.Nsec >= 1e9 && t.Nsec != UtimeNow && t.Nsec != UtimeOmit {
			return unix.EINVAL
		}
	}
	now := Now()
	return change(ctx, p, func(a *Attr, creds *cred.Creds) (SetAttr, error) {
		var s SetAttr
		touch := both[0].Nsec == UtimeNow && both[1].Nsec == UtimeNow
		if IsImmutable(p.Dentry.inode) || isFixed(p.Dentry.inode) && !touch {
			return s, unix.EPERM
		}
		if isUnchangeable(p.Dentry.inode) && !touch { // whoever it is, for its owner is asked for later
			return s, unix.EOPNOTSUPP
		}
		if !a.OwnerOrCapable(creds) {
			if !touch {
				return s, unix.EPERM
			}
			if err := permission(ctx, creds, p.Dentry.inode, MayWrite); err != nil {
				return s, err
			}
		}
		for i, t := range both {
			if t.Nsec == UtimeOmit {
				continue
			}
			if t.Nsec == UtimeNow {
				t = now
			}
			if i == 0 {
				s.Valid, s.Atime = s.Valid|AttrAtime, t
			} else {
				s.Valid, s.Mtime = s.Valid|AttrMtime, t
			}
		}
		return s, nil
	})
}

// Truncate is truncate(2).
func Truncate(ctx Ctx, p Path, size int64) error {
	if size < 0 {
		return unix.EINVAL
	}
	inode := p.Dentry.inode
	switch inode.Mode() & unix.S_IFMT {
	case unix.S_IFDIR:
		return unix.EISDIR
	case unix.S_IFREG:
	default:
		return unix.EINVAL
	}
	if p.Mount.ReadOnly() {
		return unix.EROFS
	}
	if err := permission(ctx, ctx.Creds(), inode, MayWrite); err != nil {
		return err
	}
	if IsAppendOnly(inode) {
		return unix.EPERM
	}
	if err := breakLeases(ctx, inode, true, false); err != nil {
		return err
	}
	if err := restricted(ctx.Creds(), p, RightTruncate); err != nil {
		return err
	}
	return truncate(ctx, p, inode, SetAttr{Size: size, Quiet: true})
}

// Ftruncate is ftruncate(2) on an open file.
func Ftruncate(ctx Ctx, f *File, size int64) error {
	if size < 0 {
		return unix.EINVAL
	}
	if !IsRegular(f.Inode) || !f.Writable() {
		return unix.EINVAL
	}
	if isUnchangeable(f.Inode) {
		if size > math.MaxInt32 { // such a file lacks O_LARGEFILE
			return unix.EINVAL
		}
		return unix.EOPNOTSUPP
	}
	if IsAppendOnly(f.Inode) {
		return unix.EPERM
	}
	if err := f.mayTruncate(); err != nil {
		return err
	}
	return truncate(ctx, f.Path, f.Inode, SetAttr{Size: size})
}

func truncate(ctx Ctx, p Path, inode Inode, s SetAttr) error {
	a, err := inode.Attr(ctx)
	if err != nil {
		return err
	}
	if s.Size > a.Size {
		if err := CheckSize(ctx, s.Size); err != nil {
			return err
		}
	}
	if err := notRunning(inode); err != nil {
		return err
	}
	s.Valid = AttrSize
	s.setMode(&a, KillPriv(ctx.Creds(), &a))
	if err := inode.SetAttr(ctx, &s); err != nil {
		return err
	}
	notifyChange(ctx, p, s.Valid&^AttrMode)
	return nil
}

// CheckSize is inode_newsize_ok: RLIMIT_FSIZE and its signal.
func CheckSize(ctx Ctx, size int64) error {
	if limit := ctx.RLimit(unix.RLIMIT_FSIZE); uint64(size) > limit {
		ctx.Raise(int(unix.SIGXFSZ))
		return unix.EFBIG
	}
	return nil
}

// LimitWrite is how many of n bytes may be written at pos under RLIMIT_FSIZE
// (generic_write_checks): EFBIG and SIGXFSZ if none.
func LimitWrite(ctx Ctx, pos int64, n int) (int, error) {
	limit := ctx.RLimit(unix.RLIMIT_FSIZE)
	if n == 0 || limit >= math.MaxInt64 {
		limit = math.MaxInt64
	} else if uint64(pos) >= limit {
		ctx.Raise(int(unix.SIGXFSZ))
		return 0, unix.EFBIG
	}
	if uint64(n) > limit-uint64(pos) {
		n = int(limit - uint64(pos))
		if n == 0 {
			return 0, unix.EFBIG
		}
	}
	return n, nil
}
