// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// BaseInode answers what Linux answers where an inode has no such operation.
type BaseInode struct{}

func (BaseInode) SetAttr(Ctx, *SetAttr) error                       { return unix.EPERM }
func (BaseInode) Lookup(Ctx, string) (Inode, error)                 { return nil, unix.ENOTDIR }
func (BaseInode) Create(Ctx, string, uint32, uint64) (Inode, error) { return nil, unix.EACCES }
func (BaseInode) Mkdir(Ctx, string, uint32) (Inode, error)          { return nil, unix.EPERM }
func (BaseInode) Symlink(Ctx, string, string) (Inode, error)        { return nil, unix.EPERM }
func (BaseInode) Link(Ctx, string, Inode) error                     { return unix.EPERM }
func (BaseInode) Unlink(Ctx, string, Inode) error                   { return unix.EPERM }
func (BaseInode) Rmdir(Ctx, string, Inode) error                    { return unix.EPERM }
func (BaseInode) Readlink(Ctx) (string, error)                      { return "", unix.EINVAL }
func (BaseInode) Open(Ctx, uint32) (FileOps, error)                 { return nil, unix.ENXIO }
func (BaseInode) Getxattr(Ctx, string) ([]byte, error)              { return nil, unix.EOPNOTSUPP }
func (BaseInode) Setxattr(Ctx, string, []byte, uint32) error        { return unix.EOPNOTSUPP }
func (BaseInode) Listxattr(Ctx) ([]string, error)                   { return nil, nil }
func (BaseInode) Removexattr(Ctx, string) error                     { return unix.EOPNOTSUPP }
func (BaseInode) Rename(Ctx, string, Inode, Inode, string, Inode, uint32) error {
	return unix.EPERM
}

// BaseFile answers what Linux answers where a file has no such operation. It
// is a stream that is always ready.
type BaseFile struct{}

func (BaseFile) Read(Ctx, *File, *user.Buf, *int64) (int, error)  { return 0, unix.EINVAL }
func (BaseFile) Write(Ctx, *File, *user.Buf, *int64) (int, error) { return 0, unix.EINVAL }
func (BaseFile) Seekable() bool                                   { return false }
func (BaseFile) Seek(Ctx, *File, int64, int, int64) (int64, error) {
	return 0, unix.ESPIPE
}
func (BaseFile) Poll(*File) wait.Mask                             { return wait.Readable | wait.Writable }
func (BaseFile) Queue(*File) *wait.Queue                          { return nil }
func (BaseFile) Ioctl(Ctx, *File, uint32, uint64) (uint64, error) { return 0, unix.ENOTTY }
func (BaseFile) Iterate(Ctx, *File, *int64, func(DirEntry) bool) error {
	return unix.ENOTDIR
}
func (BaseFile) Sync(Ctx, *File, bool) error                      { return unix.EINVAL }
func (BaseFile) Allocate(Ctx, *File, uint32, int64, int64) error  { return unix.EOPNOTSUPP }
func (BaseFile) Mappable(Ctx, *File, uint32, uint32) (int, error) { return -1, unix.ENODEV }
func (BaseFile) Flush(Ctx, *File) error                           { return nil }
func (BaseFile) Release(*File)                                    {}
