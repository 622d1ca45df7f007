// SPDX-License-Identifier: Apache-2.0

// This file is a ruleset's descriptor.

package landlock

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

type rulesetFile struct {
	vfs.BaseFile
	rules *Ruleset
}

// NewFile is an open file of a ruleset. Nothing can be read of it or written to it.
func NewFile(r *Ruleset) *vfs.File {
	return vfs.NewAnonFile("anon_inode:[landlock-ruleset]", &rulesetFile{rules: r}, unix.O_RDWR)
}

// InFile is the ruleset that an open file is of: EBADFD if it is something else.
func InFile(f *vfs.File) (*Ruleset, error) {
	if r, ok := f.Ops.(*rulesetFile); ok {
		return r.rules, nil
	}
	return nil, unix.EBADFD
}

// Read implements vfs.FileOps.
func (*rulesetFile) Read(vfs.Ctx, *vfs.File, *user.Buf, *int64) (int, error) { return 0, unix.EINVAL }

// Write implements vfs.FileOps.
func (*rulesetFile) Write(vfs.Ctx, *vfs.File, *user.Buf, *int64) (int, error) {
	return 0, unix.EINVAL
}
