// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// xattrs are the extended attributes of a memfd, which are those of a file on tmpfs (shmem_xattr_handlers).
type xattrs struct {
	mu     sync.Mutex
	values map[string][]byte
}

// Getxattr implements vfs.Inode.
func (x *xattrs) Getxattr(_ vfs.Ctx, name string) ([]byte, error) {
	if err := vfs.MemoryXattr(name); err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	v, ok := x.values[name]
	if !ok {
		return nil, unix.ENODATA
	}
	return v, nil
}

// Setxattr implements vfs.Inode.
func (x *xattrs) Setxattr(_ vfs.Ctx, name string, value []byte, flags uint32) error {
	if err := vfs.MemoryXattr(name); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch _, has := x.values[name]; {
	case has && flags&unix.XATTR_CREATE != 0:
		return unix.EEXIST
	case !has && flags&unix.XATTR_REPLACE != 0:
		return unix.ENODATA
	case x.values == nil:
		x.values = map[string][]byte{}
	}
	x.values[name] = slices.Clone(value)
	return nil
}

// Removexattr implements vfs.Inode.
func (x *xattrs) Removexattr(_ vfs.Ctx, name string) error {
	if err := vfs.MemoryXattr(name); err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, has := x.values[name]; !has {
		return unix.ENODATA
	}
	delete(x.values, name)
	return nil
}

// Listxattr implements vfs.Inode.
func (x *xattrs) Listxattr(vfs.Ctx) ([]string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.SortedFunc(maps.Keys(x.values), func(a, b string) int { return strings.Compare(b, a) }), nil
}

// Setxattr implements vfs.Inode.
func (m *memfd) Setxattr(ctx vfs.Ctx, name string, value []byte, flags uint32) error {
	if err := m.xattrs.Setxattr(ctx, name, value, flags); err != nil {
		return err
	}
	return m.AnonInode.SetAttr(ctx, &vfs.SetAttr{}) // changes its ctime
}

// Removexattr implements vfs.Inode.
func (m *memfd) Removexattr(ctx vfs.Ctx, name string) error {
	if err := m.xattrs.Removexattr(ctx, name); err != nil {
		return err
	}
	return m.AnonInode.SetAttr(ctx, &vfs.SetAttr{})
}
