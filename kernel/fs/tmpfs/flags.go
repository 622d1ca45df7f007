// SPDX-License-Identifier: Apache-2.0

// This file is the flags of files that chattr(1) sets: those of tmpfs, and of a tree over one of the host those of ext4,
// which the host mostly has there.

package tmpfs

import (
	"math/rand/v2"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	// Flags that tmpfs lets one set (SHMEM_FL_USER_MODIFIABLE), but for case folding, which no file system here has.
	shmemFlags = vfs.FlagImmutable | vfs.FlagAppend | vfs.FlagNoDump | vfs.FlagNoAtime
	// Flags that ext4 shows and lets one set (EXT4_FL_USER_VISIBLE, EXT4_FL_USER_MODIFIABLE).
	ext4Visible    = 0x725bdfff
	ext4Modifiable = 0x624bc0ff
	// Of those what no file here can have: data in the journal, case folding.
	ext4Refused = 0x4000 | vfs.FlagCaseFold

	// What a new file has of its directory (SHMEM_FL_INHERITED, EXT4_FL_INHERITED).
	inherited     = vfs.FlagNoDump | vfs.FlagNoAtime
	ext4Inherited = 0x3 | 0x4 | vfs.FlagSync | inherited | 0x400 | 0x8000 | vfs.FlagDirSync
)

// FileFlags implements vfs.Flagged.
func (n *node) FileFlags(ctx vfs.Ctx) (uint32, error) {
	if n.fs.name != "tmpfs" && n.fs.lower == nil {
		return 0, unix.ENOTTY
	}
	n.mu.RLock()
	flags, own := n.flags, n.ownFlags
	n.mu.RUnlock()
	if own || n.lower == nil {
		return flags, nil
	}
	if f, ok := n.lower.(vfs.Flagged); ok {
		return f.FileFlags(ctx)
	}
	return 0, unix.ENOTTY
}

// SetFileFlags implements vfs.Flagged.
func (n *node) SetFileFlags(ctx vfs.Ctx, fa *vfs.FileAttr) error {
	flags, known := fa.Flags, uint32(shmemFlags)
	if n.fs.lower != nil {
		known = ext4Visible
	}
	if flags&^known != 0 || fa.Extended() && (n.fs.lower == nil || fa.ProjID != 0) {
		return unix.EOPNOTSUPP
	}
	if n.fs.lower != nil {
		old, err := n.FileFlags(ctx)
		if err != nil {
			return err
		}
		if flags, err = n.ext4Flags(old, flags); err != nil {
			return err
		}
	}
	n.fs.pin(n)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.flags, n.ownFlags = flags, true
	n.attr.Attributes = n.attr.Attributes&^vfs.FlagAttributes | uint64(flags&vfs.FlagAttributes)
	n.kept.Store(flags & (vfs.FlagImmutable | vfs.FlagAppend))
	n.attr.Ctime = vfs.Now()
	return nil
}

// KeptFlags implements vfs.Flagged.
func (n *node) KeptFlags() uint32 { return n.kept.Load() }

// ext4Flags is what becomes of old when flags are set (ext4_fileattr_set).
func (n *node) ext4Flags(old, flags uint32) (uint32, error) {
	const (
		ofDirectories = vfs.FlagDirSync | vfs.FlagTopDir | vfs.FlagCaseFold | vfs.FlagProjInherit
		notModified   = ^uint32(ext4Modifiable)
	)
	set := flags & ext4Modifiable
	switch {
	case n.dir == nil && set&ofDirectories != 0, (set^old)&ext4Refused != 0:
		return 0, unix.EOPNOTSUPP
	case set&vfs.FlagExtents != old&vfs.FlagExtents:
		return 0, unix.EOPNOTSUPP
	}
	return old&notModified | set, nil
}

// inheritFlags gives a new file the flags that come with those of its directory.
func (n *node) inheritFlags(dir uint32) {
	kind := n.attr.Mode & unix.S_IFMT
	if kind != unix.S_IFREG && kind != unix.S_IFDIR {
		return
	}
	n.flags, n.ownFlags = dir&inherited, true
	if n.fs.lower != nil {
		n.flags = dir&ext4Inherited | vfs.FlagExtents
		if kind != unix.S_IFDIR {
			n.flags &^= vfs.FlagDirSync
		}
	}
	n.attr.Attributes = uint64(n.flags & vfs.FlagAttributes)
}

// Generation implements vfs.Generated: a number that tells files apart which had the same inode number.
func (n *node) Generation(vfs.Ctx) (uint32, error) {
	if n.fs.lower == nil {
		return 0, unix.ENOTTY
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for n.generation == 0 {
		n.generation = rand.Uint32()
	}
	return n.generation, nil
}

// SetGeneration implements vfs.Generated.
func (n *node) SetGeneration(_ vfs.Ctx, to uint32) error {
	if n.fs.lower == nil {
		return unix.ENOTTY
	}
	n.fs.pin(n)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.generation = to
	n.attr.Ctime = vfs.Now()
	return nil
}
