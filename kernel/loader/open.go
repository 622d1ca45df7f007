// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// OpenExec opens a program (do_open_execat): EACCES for what is not a regular
// file, may not be executed by the caller, or lies on a noexec mount; ELOOP
// for a symbolic link that was not to be followed; ETXTBSY for what is open for
// writing, which none can do from now on while the file is open.
func OpenExec(ctx vfs.Ctx, at vfs.At, path string, follow bool) (*vfs.File, error) {
	how := vfs.How(0)
	if follow {
		how = vfs.Follow
	}
	p, err := vfs.Lookup(ctx, at, path, how)
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
	if err := vfs.Permission(ctx, inode, vfs.MayExec); err != nil {
		return nil, err
	}
	f, err := vfs.OpenToRun(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := f.DenyWrite(); err != nil {
		f.DecRef()
		return nil, err
	}
	return f, nil
}
