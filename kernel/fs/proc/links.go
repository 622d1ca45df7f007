// SPDX-License-Identifier: Apache-2.0

// This file is the links of /proc/PID that lead to open objects: cwd, root,
// exe, fd, ns.

package proc

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/ipc"
	"github.com/ditto-kernel/ditto/kernel/loader"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// place finds what a link of a task leads to.
type place func(of subject) (vfs.Path, error)

// checked is a place for those who may see it.
func checked(f place) func(vfs.Ctx, any) (vfs.Path, error) {
	return func(ctx vfs.Ctx, of any) (vfs.Path, error) {
		s := of.(subject)
		if err := alive(s.task); err != nil {
			return vfs.Path{}, err
		}
		if err := mayAccess(ctx, s.task); err != nil {
			return vfs.Path{}, err
		}
		return f(s)
	}
}

// named is the place's path, as readlink shows it.
func named(f place) func(vfs.Ctx, any) (string, error) {
	find := checked(f)
	return func(ctx vfs.Ctx, of any) (string, error) {
		p, err := find(ctx, of)
		if err != nil {
			return "", err
		}
		return pathName(ctx, p), nil
	}
}

// pathName is a path as the caller would call it.
func pathName(ctx vfs.Ctx, p vfs.Path) string {
	var from vfs.Path
	if t := caller(ctx); t != nil {
		if _, _, fs := t.Resources(); fs != nil {
			from = fs.Root()
		}
	}
	name, _ := vfs.PathName(from, p)
	return name
}

func cwd(s subject) (vfs.Path, error) {
	_, _, fs := s.task.Resources()
	if fs == nil {
		return vfs.Path{}, unix.ENOENT
	}
	return fs.Cwd(), nil
}

func root(s subject) (vfs.Path, error) {
	_, _, fs := s.task.Resources()
	if fs == nil {
		return vfs.Path{}, unix.ENOENT
	}
	return fs.Root(), nil
}

func exe(s subject) (vfs.Path, error) {
	m, _, _ := s.task.Resources()
	f := s.task.Group().Exe()
	if m == nil || f == nil {
		return vfs.Path{}, unix.ENOENT
	}
	defer f.DecRef()
	return f.Path, nil
}

// openFile is the file behind the descriptor, with a reference.
func (s subject) openFile() (*vfs.File, error) {
	_, files, _ := s.task.Resources()
	if files == nil {
		return nil, unix.ENOENT
	}
	f, err := files.GetPath(s.fd)
	if err != nil {
		return nil, unix.ENOENT
	}
	return f, nil
}

func openPlace(s subject) (vfs.Path, error) {
	f, err := s.openFile()
	if err != nil {
		return vfs.Path{}, err
	}
	defer f.DecRef()
	return f.Path, nil
}

// The entries of fd and fdinfo. A descriptor's link shows by its permissions
// how the file is open.
var (
	descriptor     = [4]*kernfs.Entry{fdLink(0), fdLink(0o500), fdLink(0o300), fdLink(0o700)}
	descriptorInfo = [4]*kernfs.Entry{fdInfo, fdInfo, fdInfo, fdInfo}
	fdInfo         = &kernfs.Entry{Mode: unix.S_IFREG | 0o444, Text: fdinfo, Plain: true}
)

func fdLink(perm uint32) *kernfs.Entry {
	return &kernfs.Entry{Mode: unix.S_IFLNK | perm, Link: named(openPlace), Follow: checked(openPlace)}
}

// how is the index of a descriptor's entry.
func how(f *vfs.File) (i int) {
	if f.Readable() {
		i |= 1
	}
	if f.Writable() {
		i |= 2
	}
	return i
}

func findFD(entries [4]*kernfs.Entry) func(vfs.Ctx, any, string) (*kernfs.Entry, any, error) {
	return func(ctx vfs.Ctx, of any, name string) (*kernfs.Entry, any, error) {
		fd, ok := number(name)
		if !ok {
			return nil, nil, unix.ENOENT
		}
		s := of.(subject)
		if err := mayAccess(ctx, s.task); err != nil {
			return nil, nil, err
		}
		s.fd = vfs.FD(fd)
		f, err := s.openFile()
		if err != nil {
			return nil, nil, err
		}
		defer f.DecRef()
		return entries[how(f)], s, nil
	}
}

func listFDs(entries [4]*kernfs.Entry) func(vfs.Ctx, any, func(kernfs.Child) bool) error {
	return func(ctx vfs.Ctx, of any, emit func(kernfs.Child) bool) error {
		s := of.(subject)
		if err := mayAccess(ctx, s.task); err != nil {
			return err
		}
		_, files, _ := s.task.Resources()
		if files == nil {
			return nil
		}
		for _, fd := range files.List() {
			s.fd = fd
			f, err := s.openFile()
			if err != nil {
				continue // closed meanwhile
			}
			i := how(f)
			f.DecRef()
			if !emit(kernfs.Child{Name: strconv.Itoa(int(fd)), Key: int64(fd), Entry: entries[i], Of: s}) {
				return nil
			}
		}
		return nil
	}
}

// fdinfo is position, flags, mount and inode of an open file.
func fdinfo(ctx vfs.Ctx, of any) ([]byte, error) {
	s := of.(subject)
	if err := mayAccess(ctx, s.task); err != nil {
		return nil, err
	}
	f, err := s.openFile()
	if err != nil {
		return nil, err
	}
	defer f.DecRef()
	flags := f.Flags()
	if _, files, _ := s.task.Resources(); files != nil {
		if on, err := files.CloseOnExec(s.fd); on && err == nil {
			flags |= unix.O_CLOEXEC
		}
	}
	mount, ino := 0, uint64(0)
	if f.Path.Mount != nil {
		mount = f.Path.Mount.ID
	}
	if f.Inode != nil {
		if a, err := f.Inode.Attr(ctx); err == nil {
			ino = a.Ino
		}
	}
	b := fmt.Appendf(nil, "pos:\t%d\nflags:\t0%o\nmnt_id:\t%d\nino:\t%d\n", f.Pos(), flags, mount, ino)
	if more, ok := f.Ops.(interface{ FDInfo() string }); ok {
		b = append(b, more.FDInfo()...)
	}
	return b, nil
}

// backing is the name, device and inode of a mapped file.
func backing(ctx vfs.Ctx, b mm.Backing) (name string, dev, ino uint64) {
	if s, ok := b.(*ipc.Segment); ok {
		name, ino = s.MapName()
		return name, unix.Mkdev(0, 1), ino
	}
	f, ok := b.(loader.MappedFile)
	if !ok {
		return "", 0, 0
	}
	if a, err := f.Inode.Attr(ctx); err == nil {
		dev, ino = a.Dev, a.Ino
	}
	return pathName(ctx, f.Path), dev, ino
}
