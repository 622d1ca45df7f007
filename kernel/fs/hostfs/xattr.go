// SPDX-License-Identifier: Apache-2.0

// This file is extended attributes, which are the host's: of files and directories by a descriptor, of others by their name.

package hostfs

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

func (i *inode) canOpen() bool {
	kind := i.Mode() & unix.S_IFMT
	return kind == unix.S_IFREG || kind == unix.S_IFDIR
}

// withFile calls f with a descriptor of the file that can be read.
func (i *inode) withFile(f func(fd int) error) error {
	if !i.canOpen() {
		return unix.EOPNOTSUPP
	}
	h, err := i.acquire(forRead)
	if err != nil {
		return err
	}
	defer h.release()
	return f(h.fd)
}

// onXattrs calls byFD with a descriptor of the file, or byName with the name of one that is never opened. none is what a
// host says that knows no such call by a name (before Linux 6.13), and what there is of a file without one.
func (i *inode) onXattrs(byFD func(fd int) error, byName func(dir int, name string) error, none error) error {
	if i.canOpen() {
		return i.withFile(byFD)
	}
	if h := i.held(); h != nil { // pinned: its name is another file's
		h.release()
		return none
	}
	_, err := i.stat()
	if err == nil {
		err = i.byName(byName)
	}
	if err == unix.ENOSYS || err == unix.ENOENT || err == unix.ESTALE {
		return none
	}
	return err
}

// unreached is what comes of an attribute of a file that no call gets to: as if it had none, and this process may set none,
// which it mostly may not where it does get to the file.
func unreached(name string, write bool) error {
	trusted := strings.HasPrefix(name, "trusted.")
	err := vfs.MemoryXattr(name)
	switch {
	case write && (err == nil || trusted || strings.HasPrefix(name, "security.")):
		return unix.EPERM
	case trusted || err == nil:
		return unix.ENODATA
	}
	return err
}

// Getxattr implements vfs.Inode.
func (i *inode) Getxattr(_ vfs.Ctx, name string) ([]byte, error) {
	if strings.HasPrefix(name, "system.") {
		return nil, unix.EOPNOTSUPP
	}
	return i.getxattr(name, unreached(name, false))
}

// getxattr asks the host; none is as of onXattrs.
func (i *inode) getxattr(name string, none error) (value []byte, err error) {
	get := func(ask func(p []byte) (int, error)) error {
		for size := 256; ; size = 1 << 16 {
			value = make([]byte, size)
			n, err := ask(value)
			if err == unix.ERANGE && size < 1<<16 {
				continue
			}
			if err == nil {
				value = value[:n]
			}
			return err
		}
	}
	err = i.onXattrs(func(fd int) error {
		return get(func(p []byte) (int, error) { return unix.Fgetxattr(fd, name, p) })
	}, func(dir int, file string) error {
		return get(func(p []byte) (int, error) { return hostio.Getxattrat(dir, file, name, p) })
	}, none)
	if err == unix.EBADF {
		err = unix.ENODATA // a directory that may be searched but not read
	}
	return value, err
}

// Listxattr implements vfs.Inode.
func (i *inode) Listxattr(vfs.Ctx) (names []string, err error) {
	buf, n := make([]byte, 1<<16), 0
	err = i.onXattrs(func(fd int) (err error) {
		n, err = unix.Flistxattr(fd, buf)
		return err
	}, func(dir int, file string) (err error) {
		n, err = hostio.Listxattrat(dir, file, buf)
		return err
	}, nil)
	if err == unix.EOPNOTSUPP || err == unix.EBADF {
		err = nil
	}
	for name := range strings.SplitSeq(string(buf[:max(n, 0)]), "\x00") {
		if _, list := acl.KindOf(name); name != "" && (list || !strings.HasPrefix(name, "system.")) {
			names = append(names, name)
		}
	}
	return names, err
}

// Setxattr implements vfs.Inode.
func (i *inode) Setxattr(_ vfs.Ctx, name string, value []byte, flags uint32) error {
	if strings.HasPrefix(name, "system.") {
		return unix.EOPNOTSUPP
	}
	defer i.stale()
	return i.onXattrs(func(fd int) error { return unix.Fsetxattr(fd, name, value, int(flags)) },
		func(dir int, file string) error { return hostio.Setxattrat(dir, file, name, value, flags) }, unreached(name, true))
}

// Removexattr implements vfs.Inode.
func (i *inode) Removexattr(_ vfs.Ctx, name string) error {
	if strings.HasPrefix(name, "system.") {
		return unix.EOPNOTSUPP
	}
	defer i.stale()
	return i.onXattrs(func(fd int) error { return unix.Fremovexattr(fd, name) },
		func(dir int, file string) error { return hostio.Removexattrat(dir, file, name) }, unreached(name, true))
}
