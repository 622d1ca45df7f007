// SPDX-License-Identifier: Apache-2.0

// This file is the flags of a file that chattr(1) knows, in the two forms that Linux has them in (fs/file_attr.c), and what
// those of an immutable and of an append-only file forbid.

package vfs

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// Flags of a file (FS_*_FL), of which some are STATX_ATTR_* too.
const (
	FlagSync        = 0x8
	FlagImmutable   = 0x10
	FlagAppend      = 0x20
	FlagNoDump      = 0x40
	FlagNoAtime     = 0x80
	FlagDirSync     = 0x10000
	FlagTopDir      = 0x20000
	FlagExtents     = 0x80000
	FlagDAX         = 0x2000000
	FlagProjInherit = 0x20000000
	FlagCaseFold    = 0x40000000

	flagsCommon = FlagSync | FlagImmutable | FlagAppend | FlagNoDump | FlagNoAtime | FlagDAX | FlagProjInherit // FS_COMMON_FL

	// FlagAttributes are the flags that statx(2) shows by the same bits.
	FlagAttributes = FlagImmutable | FlagAppend | FlagNoDump
)

// Flags of the other form (FS_XFLAG_*).
const (
	xflagExtSize        = 0x800
	xflagExtSizeInherit = 0x1000
	xflagCowExtSize     = 0x10000
	xflagDAX            = 0x8000
	xflagProjInherit    = 0x200

	xflagsCommon = 0x8 | 0x10 | 0x20 | 0x40 | 0x80 | xflagDAX | xflagProjInherit // FS_XFLAG_COMMON

	xflagsShown = 0x2 | 0x80000000 // FS_XFLAG_RDONLY_MASK: they say something, and can't be set

	// XFlagsKnown are all of them (FS_XFLAGS_MASK).
	XFlagsKnown = xflagsCommon | 0x1 | 0x2 | 0x100 | 0x400 | xflagExtSize | xflagExtSizeInherit | 0x2000 | 0x4000 | xflagCowExtSize | 0x80000000
)

// xflagOf are the flags that both forms have.
var xflagOf = [...]struct{ flag, xflag uint32 }{
	{FlagSync, 0x20}, {FlagImmutable, 0x8}, {FlagAppend, 0x10}, {FlagNoDump, 0x80}, {FlagNoAtime, 0x40},
	{FlagDAX, xflagDAX}, {FlagProjInherit, xflagProjInherit},
}

// FileAttr is struct file_kattr.
type FileAttr struct {
	Flags  uint32
	XFlags uint32
	// Of files whose extents are aligned, and of project quotas: none here has them.
	ExtSize, NExtents, ProjID, CowExtSize uint32

	byX bool // Flags follow from XFlags
}

// FromFlags is what FS_IOC_SETFLAGS sets.
func FromFlags(flags uint32) FileAttr {
	fa := FileAttr{Flags: flags}
	for _, f := range xflagOf {
		if flags&f.flag != 0 {
			fa.XFlags |= f.xflag
		}
	}
	return fa
}

// FromXFlags completes what FS_IOC_FSSETXATTR and file_setattr(2) set.
func (fa FileAttr) FromXFlags() FileAttr {
	fa.Flags, fa.byX = 0, true
	fa.XFlags &^= xflagsShown
	for _, f := range xflagOf {
		if fa.XFlags&f.xflag != 0 {
			fa.Flags |= f.flag
		}
	}
	return fa
}

// Extended tells whether the attributes have more than the flags that both forms know (fileattr_has_fsx).
func (fa *FileAttr) Extended() bool {
	return fa.byX && (fa.XFlags&^xflagsCommon != 0 || fa.ExtSize != 0 || fa.ProjID != 0 || fa.CowExtSize != 0)
}

// Flagged is an inode with flags: a regular file or a directory of a file system that keeps them.
type Flagged interface {
	// FileFlags are FS_*_FL; ENOTTY where there are none.
	FileFlags(ctx Ctx) (uint32, error)
	// SetFileFlags changes them; who may do so was checked.
	SetFileFlags(ctx Ctx, fa *FileAttr) error
	// KeptFlags are FlagImmutable and FlagAppend, where it is the vfs that has to see to them; quick.
	KeptFlags() uint32
}

// Generated is an inode with a generation (FS_IOC_GETVERSION): ENOTTY where it has none.
type Generated interface {
	Generation(ctx Ctx) (uint32, error)
	SetGeneration(ctx Ctx, to uint32) error
}

// SetGeneration is FS_IOC_SETVERSION.
func SetGeneration(ctx Ctx, p Path, value func() (uint32, error)) error {
	g, ok := p.Dentry.inode.(Generated)
	if !ok {
		return unix.ENOTTY
	}
	if _, err := g.Generation(ctx); err != nil {
		return err
	}
	a, err := p.Dentry.inode.Attr(ctx)
	switch {
	case err != nil:
		return err
	case !a.OwnerOrCapable(ctx.Creds()):
		return unix.EPERM
	case p.Mount.ReadOnly():
		return unix.EROFS
	}
	to, err := value()
	if err != nil {
		return err
	}
	return g.SetGeneration(ctx, to)
}

// GetFileAttr is vfs_fileattr_get: ENOTTY for files without flags.
func GetFileAttr(ctx Ctx, inode Inode) (FileAttr, error) {
	f, ok := inode.(Flagged)
	if kind := inode.Mode() & unix.S_IFMT; !ok || kind != unix.S_IFREG && kind != unix.S_IFDIR {
		return FileAttr{}, unix.ENOTTY
	}
	flags, err := f.FileFlags(ctx)
	return FromFlags(flags), err
}

// SetFileAttr is vfs_fileattr_set: ENOTTY for files without flags, EPERM.
func SetFileAttr(ctx Ctx, p Path, fa FileAttr) error {
	if p.Mount.ReadOnly() {
		return unix.EROFS
	}
	inode := p.Dentry.inode
	f, ok := inode.(Flagged)
	if kind := inode.Mode() & unix.S_IFMT; !ok || kind != unix.S_IFREG && kind != unix.S_IFDIR {
		return unix.ENOTTY
	}
	a, err := inode.Attr(ctx)
	if err != nil {
		return err
	}
	if !a.OwnerOrCapable(ctx.Creds()) {
		return unix.EPERM
	}
	old, err := GetFileAttr(ctx, inode)
	if err != nil {
		return err
	}
	if fa.byX {
		fa.Flags |= old.Flags &^ flagsCommon
	} else {
		fa.XFlags |= old.XFlags &^ xflagsCommon
	}
	if err := fa.prepare(ctx, &old, &a); err != nil {
		return err
	}
	if err := f.SetFileFlags(ctx, &fa); err != nil {
		return err
	}
	notify(ctx, p, unix.IN_ATTRIB, false)
	return nil
}

// prepare is fileattr_set_prepare.
func (fa *FileAttr) prepare(ctx Ctx, old *FileAttr, a *Attr) error {
	if (fa.Flags^old.Flags)&(FlagAppend|FlagImmutable) != 0 && !ctx.Creds().Capable(unix.CAP_LINUX_IMMUTABLE) {
		return unix.EPERM
	}
	switch {
	case ctx.Creds().NS() != cred.InitialNS && (fa.ProjID != old.ProjID || (fa.XFlags^old.XFlags)&xflagProjInherit != 0),
		fa.ProjID == ^uint32(0),
		fa.XFlags&xflagExtSize != 0 && !a.IsRegular(),
		fa.XFlags&xflagExtSizeInherit != 0 && !a.IsDir():
		return unix.EINVAL
	}
	if fa.ExtSize == 0 {
		fa.XFlags &^= xflagExtSize | xflagExtSizeInherit
	}
	if fa.CowExtSize == 0 {
		fa.XFlags &^= xflagCowExtSize
	}
	return nil
}

// IsImmutable tells whether nothing of the file may change.
func IsImmutable(inode Inode) bool { return keptFlags(inode)&FlagImmutable != 0 }

// isFixed tells whether owner, permissions, times and names of the file may not change.
func isFixed(inode Inode) bool { return keptFlags(inode)&(FlagImmutable|FlagAppend) != 0 }

// IsAppendOnly tells whether the file may only become longer.
func IsAppendOnly(inode Inode) bool { return keptFlags(inode)&FlagAppend != 0 }

func keptFlags(inode Inode) uint32 {
	if f, ok := inode.(Flagged); ok {
		return f.KeptFlags()
	}
	return 0
}

// MayAllocate is what fallocate(2) asks of the flags of the file: EPERM.
func MayAllocate(inode Inode, mode uint32) error {
	if IsImmutable(inode) || IsAppendOnly(inode) && mode&^unix.FALLOC_FL_KEEP_SIZE != 0 {
		return unix.EPERM
	}
	return nil
}
