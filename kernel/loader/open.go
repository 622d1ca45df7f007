// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// OpenExec opens a program (do_open_execat): EACCES for what is not a regular
// file, may not be executed by the caller, or lies on a noexec mount; ELOOP
// for a symbolic link that was not to be followed.
func OpenExec(ctx vfs.Ctx, at vfs.At, path string, follow bool) (*vfs.File, error) {
	var p vfs.Path
	var err error
	if follow {
		p, err = vfs.Lookup(ctx, at, path, vfs.Follow)
	} else {
		p, err = vfs.Lookup(ctx, at, path, 0)
	}
	if err != nil {
		return nil, err
	}
	return OpenExecPath(ctx, p)
}

// OpenExecPath is OpenExec for a place that was found already.
func OpenExecPath(ctx vfs.Ctx, p vfs.Path) (*vfs.File, error) {
	inode := p.Dentry.Inode()
	switch mode := inode.Mode(); {
	case mode&unix.S_IFMT == unix.S_IFLNK:
		return nil, unix.ELOOP
	case mode&unix.S_IFMT != unix.S_IFREG:
		return nil, unix.EACCES
	case p.Mount.Flags()&unix.MS_NOEXEC != 0:
		return nil, unix.EACCES
	}
	if err := mayExecute(ctx, inode); err != nil {
		return nil, err
	}
	ops, err := inode.Open(ctx, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	return vfs.NewFile(ops, inode, p, unix.O_RDONLY), nil
}

// mayExecute is the caller's permission to run a regular file. Even
// CAP_DAC_OVERRIDE needs an execute bit.
func mayExecute(ctx vfs.Ctx, inode vfs.Inode) error {
	a, err := inode.Attr(ctx)
	if err != nil {
		return err
	}
	c := ctx.Creds()
	shift := 0
	switch {
	case a.UID == c.FSUID:
		shift = 6
	case c.InGroup(a.GID):
		shift = 3
	}
	if a.Mode>>shift&1 != 0 || a.Mode&0o111 != 0 && c.Capable(unix.CAP_DAC_OVERRIDE) {
		return nil
	}
	return unix.EACCES
}
