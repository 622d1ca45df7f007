// SPDX-License-Identifier: Apache-2.0

// Package overlay makes a writable file system of a read-only one: changes
// stay in memory, and all that was not changed is read from the tree below.
// It looks like an ordinary file system: one device, inode numbers that stay,
// directories that can be renamed.
package overlay

import (
	"github.com/ditto-kernel/ditto/kernel/fs/tmpfs"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Options are how an overlay is made.
type Options struct {
	Size int64 // bytes that changed data may take; 0: no limit
}

// New is a file system that starts as what is in lower, which must not change
// while it is used.
func New(ctx vfs.Ctx, lower vfs.FileSystem, o Options) (*tmpfs.FS, error) {
	return tmpfs.NewOver(ctx, lower, tmpfs.Options{Name: "overlay", Size: o.Size})
}
