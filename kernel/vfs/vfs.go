// SPDX-License-Identifier: Apache-2.0

// Package vfs is the virtual file system: dentries, mounts, the path walk,
// open files and descriptor tables. A file system implements FileSystem and
// Inode; anything that is an open file implements FileOps.
package vfs

// Path is a place in the tree: a dentry as seen through a mount.
type Path struct {
	Mount  *Mount
	Dentry *Dentry
}

// DecRef drops what the path holds. The zero Path holds nothing.
func (p Path) DecRef() {}

// Mount is a file system attached to a place in the tree.
type Mount struct{}

// Dentry is a name in a directory, with what stands behind it.
type Dentry struct{}
