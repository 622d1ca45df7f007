// SPDX-License-Identifier: Apache-2.0

// Package dev has the devices of a sandbox, and the file system in memory
// that is its /dev.
package dev

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/devpts"
	"github.com/ditto-kernel/ditto/kernel/fs/tmpfs"
	"github.com/ditto-kernel/ditto/kernel/fs/tty"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// nodes are the devices of /dev, as a container has them.
var nodes = []struct {
	name         string
	major, minor uint32
	mode         uint32
	open         vfs.DeviceOpener
}{
	{"null", 1, 3, 0o666, openAs(null{})},
	{"zero", 1, 5, 0o666, openAs(zero{})},
	{"full", 1, 7, 0o666, openAs(full{})},
	{"random", 1, 8, 0o666, openAs(random{})},
	{"urandom", 1, 9, 0o666, openAs(random{})},
	{"tty", 5, 0, 0o666, openTTY},
}

// links are the symbolic links of /dev.
var links = []struct{ name, target string }{
	{"fd", "/proc/self/fd"},
	{"stdin", "/proc/self/fd/0"},
	{"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},
	{"core", "/proc/kcore"},
	{"ptmx", "pts/ptmx"},
}

// dirs are where boot mounts devpts, a tmpfs and mqueue.
var dirs = []string{"pts", "shm", "mqueue"}

// Register makes device nodes work, whatever file system they are in. console
// is what /dev/console opens, nil if there is none.
func Register(pts *devpts.FS, console *tty.TTY) {
	for _, n := range nodes {
		vfs.RegisterDevice(unix.S_IFCHR, n.major, n.minor, n.open)
	}
	vfs.RegisterDevice(unix.S_IFCHR, 5, 2, pts.OpenPtmx)
	for major := uint32(136); major < 144; major++ {
		vfs.RegisterDevice(unix.S_IFCHR, major, vfs.AnyMinor, pts.OpenSlave)
	}
	if console != nil {
		vfs.RegisterDevice(unix.S_IFCHR, 5, 1, func(ctx vfs.Ctx, _ vfs.Inode, _ uint64, flags uint32) (vfs.FileOps, error) {
			return console.Open(ctx, flags)
		})
	}
}

// New is a /dev with the usual nodes, made on behalf of ctx, which is privileged.
func New(ctx vfs.Ctx, console bool) (vfs.FileSystem, error) {
	fs := tmpfs.New(tmpfs.Options{Mode: 0o755, Name: "tmpfs", Size: 64 << 20})
	root := fs.Root()
	for _, n := range nodes {
		if err := mknod(ctx, root, n.name, n.mode, n.major, n.minor); err != nil {
			return nil, err
		}
	}
	if console {
		if err := mknod(ctx, root, "console", 0o620, 5, 1); err != nil {
			return nil, err
		}
	}
	for _, l := range links {
		if _, err := root.Symlink(ctx, l.name, l.target); err != nil {
			return nil, err
		}
	}
	for _, d := range dirs {
		if _, err := root.Mkdir(ctx, d, 0o755); err != nil {
			return nil, err
		}
	}
	return fs, nil
}

// Each tells what a /dev made by New has: the name, and the target of a link.
func Each(ctx vfs.Ctx, fs vfs.FileSystem, tell func(name string, a *vfs.Attr, target string) error) error {
	list := make([]string, 0, len(nodes)+len(links)+1)
	for _, n := range nodes {
		list = append(list, n.name)
	}
	for _, l := range links {
		list = append(list, l.name)
	}
	for _, name := range append(list, "console") {
		inode, err := fs.Root().Lookup(ctx, name)
		if err == unix.ENOENT {
			continue
		}
		if err != nil {
			return err
		}
		a, err := inode.Attr(ctx)
		if err != nil {
			return err
		}
		target := ""
		if a.Mode&unix.S_IFMT == unix.S_IFLNK {
			if target, err = inode.Readlink(ctx); err != nil {
				return err
			}
		}
		if err := tell(name, &a, target); err != nil {
			return err
		}
	}
	return nil
}

func mknod(ctx vfs.Ctx, dir vfs.Inode, name string, mode, major, minor uint32) error {
	_, err := dir.Create(ctx, name, unix.S_IFCHR|mode, unix.Mkdev(major, minor))
	return err
}

// openTTY opens the caller's controlling terminal (tty(4)).
func openTTY(ctx vfs.Ctx, _ vfs.Inode, _ uint64, flags uint32) (vfs.FileOps, error) {
	t := tty.Controlling(ctx)
	if t == nil {
		return nil, unix.ENXIO
	}
	return t.Open(ctx, flags)
}

func openAs(ops vfs.FileOps) vfs.DeviceOpener {
	return func(vfs.Ctx, vfs.Inode, uint64, uint32) (vfs.FileOps, error) { return ops, nil }
}
