// SPDX-License-Identifier: Apache-2.0

// This file fills a tmpfs with what it covers (the mount option tmpcopyup).

package boot

import (
	"errors"
	"fmt"
	"path"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// copyUp copies the directory at a path of the tree into a fresh file system. What isn't
// there has nothing to be copied.
func copyUp(ctx vfs.Ctx, ns *vfs.Namespace, dir string, fs vfs.FileSystem) error {
	c := copier{ctx: ctx, from: vfs.At{Root: ns.Root(), Dir: ns.Root()}}
	c.to.Root = vfs.NewNamespace(fs, 0).Root()
	c.to.Dir = c.to.Root
	p, err := vfs.Lookup(ctx, c.from, dir, vfs.Follow)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err == nil {
		err = c.directory(p, "/")
	}
	if err != nil {
		return fmt.Errorf("tmpcopyup: %w", err)
	}
	return nil
}

// copier copies files between two trees.
type copier struct {
	ctx      vfs.Ctx
	from, to vfs.At
}

// directory copies what is in one into one that is there.
func (c *copier) directory(p vfs.Path, to string) error {
	f, err := vfs.OpenPath(c.ctx, p, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer f.DecRef()
	var names []string
	err = f.Iterate(c.ctx, func(e vfs.DirEntry) bool {
		if e.Name != "." && e.Name != ".." {
			names = append(names, e.Name)
		}
		return true
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		child, err := vfs.Lookup(c.ctx, vfs.At{Root: c.from.Root, Dir: p}, name, 0)
		if err == nil {
			err = c.entry(child, path.Join(to, name))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path.Join(to, name), err)
		}
	}
	return nil
}

func (c *copier) entry(p vfs.Path, to string) error {
	a, err := vfs.Stat(c.ctx, p)
	if err != nil {
		return err
	}
	switch kind := a.Mode & unix.S_IFMT; kind {
	case unix.S_IFLNK:
		var target string
		if target, err = p.Inode().Readlink(c.ctx); err == nil {
			err = vfs.Symlink(c.ctx, target, c.to, to)
		}
	case unix.S_IFDIR:
		if err = vfs.Mkdir(c.ctx, c.to, to, a.Mode&0o7777, 0); err == nil {
			err = c.directory(p, to)
		}
	default:
		if err = vfs.Mknod(c.ctx, c.to, to, a.Mode, 0, a.Rdev); err == nil && kind == unix.S_IFREG {
			err = c.content(p, to)
		}
	}
	if err != nil {
		return err
	}
	copied, err := vfs.Lookup(c.ctx, c.to, to, 0)
	if err == nil {
		err = vfs.Chown(c.ctx, copied, uint32(a.UID), uint32(a.GID))
	}
	if err == nil && a.Mode&unix.S_IFMT != unix.S_IFLNK {
		err = vfs.Chmod(c.ctx, copied, a.Mode&0o7777) // chown took away set-user-ID
	}
	return err
}

func (c *copier) content(p vfs.Path, to string) error {
	in, err := vfs.OpenPath(c.ctx, p, unix.O_RDONLY)
	if err != nil {
		return err
	}
	defer in.DecRef()
	out, err := vfs.Open(c.ctx, c.to, to, vfs.OpenHow{Flags: unix.O_WRONLY})
	if err != nil {
		return err
	}
	defer out.DecRef()
	piece := make([]byte, 64<<10)
	for {
		b := user.KernelBuf(piece)
		n, err := in.Read(c.ctx, &b)
		if n <= 0 || err != nil {
			return err
		}
		b = user.KernelBuf(piece[:n])
		if _, err = out.Write(c.ctx, &b); err != nil {
			return err
		}
	}
}
