// SPDX-License-Identifier: Apache-2.0

// Package vfs is the virtual file system: dentries, mounts, the path walk,
// open files and descriptor tables. A file system implements FileSystem and
// Inode; anything that is an open file implements FileOps.
//
// Dentries are held by what uses them (an open file, a working directory, a
// child, a mount) and by a cache of bounded size; a directory knows its
// children by weak pointers only. So a dentry in use is always found again by
// its name, and one that is not may go at any time.
//
// Lock order:
//  1. Super.renameMu: one rename between directories at a time
//  2. dirState.change: who changes the names of a directory; of two
//     directories the ancestor first, else the older dentry
//  3. mountMu, and then FS.mu
//  4. dirState.mu: a directory's map of children
//  5. locks of file systems
//
// (an overlay takes 1 and 2 of the file systems that it lies over while it holds its own)
//
// and beside them, below 1 to 4, the table of marks (notify.go) with what its
// marks lock.
package vfs

// Path is a place in the tree: a dentry as seen through a mount.
type Path struct {
	Mount  *Mount
	Dentry *Dentry
}

// Inode is the file at the path; nil for the zero Path and for a name that is
// not there.
func (p Path) Inode() Inode {
	if p.Dentry == nil {
		return nil
	}
	return p.Dentry.inode
}
