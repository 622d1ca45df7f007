// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// FileOps are the operations of an open file (struct file_operations): all
// that a pipe, a regular file, an eventfd or a terminal has of its own.
// Embed BaseFile for the answers of a file that lacks an operation. Methods
// are safe for concurrent use.
type FileOps interface {
	// Read puts bytes into dst. Seekable files read at *pos and advance it;
	// streams ignore it (Seekable answers false). 0 and nil at the end.
	// A file without data blocks through ctx unless f is O_NONBLOCK (EAGAIN).
	// Part of the data counts as success.
	Read(ctx Ctx, f *File, dst *user.Buf, pos *int64) (int, error)
	// Write takes bytes from src. With O_APPEND it writes at the end and
	// leaves *pos there.
	Write(ctx Ctx, f *File, src *user.Buf, pos *int64) (int, error)
	// Seekable tells whether the file has a position (else ESPIPE).
	Seekable() bool
	// Seek is lseek(2) for what is not a plain file position; the vfs holds the position's
	// lock. cur is the position now.
	Seek(ctx Ctx, f *File, off int64, whence int, cur int64) (int64, error)

	// Poll is which events hold now. Queue is where changes are announced
	// (nil: the events never change).
	Poll(f *File) wait.Mask
	Queue(f *File) *wait.Queue

	// Ioctl: ENOTTY for a command that the file does not know.
	Ioctl(ctx Ctx, f *File, cmd uint32, arg uint64) (uint64, error)
	// Iterate calls emit for each entry behind *pos (an opaque cookie that
	// Iterate advances), until emit returns false. "." and ".." included.
	Iterate(ctx Ctx, f *File, pos *int64, emit func(DirEntry) bool) error
	Sync(ctx Ctx, f *File, dataOnly bool) error
	// Allocate is fallocate(2).
	Allocate(ctx Ctx, f *File, mode uint32, off, length int64) error
	// Mappable returns a host descriptor that maps this file from offset 0, and stays
	// open as long as the ops are. prot and flags are mmap(2)'s. ENODEV.
	Mappable(ctx Ctx, f *File, prot, flags uint32) (hostFD int, err error)

	// Flush is called at each close(2) of a descriptor of the file.
	Flush(ctx Ctx, f *File) error
	// Release is called once, when the last reference is gone. No ctx: the
	// last holder may be gone too.
	Release(f *File)
}

// DirEntry is one entry of a directory, as getdents64(2) tells it.
type DirEntry struct {
	Name string
	Ino  uint64
	Type uint8 // DT_*
	Next int64 // the cookie behind this entry: d_off
}
