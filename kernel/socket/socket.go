// SPDX-License-Identifier: Apache-2.0

// Package socket is what the sockets of all families share: their files, and how they wait.
package socket

import (
	"encoding/binary"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

var sockFS = vfs.NewPseudoFS("sockfs", 0x534f434b) // SOCKFS_MAGIC

// inode is a socket's.
type inode struct {
	*vfs.AnonInode
	ops vfs.FileOps
}

// protocolName is the attribute that tells which protocol a socket has (sockfs_xattr_get).
const protocolName = "system.sockprotoname"

// Getxattr implements vfs.Inode.
func (i *inode) Getxattr(ctx vfs.Ctx, name string) ([]byte, error) {
	if p, ok := i.ops.(interface{ ProtocolName() (string, error) }); ok && name == protocolName {
		s, err := p.ProtocolName()
		return append([]byte(s), 0), err
	}
	return i.AnonInode.Getxattr(ctx, name)
}

// Listxattr implements vfs.Inode.
func (i *inode) Listxattr(vfs.Ctx) ([]string, error) { return []string{protocolName}, nil }

// NewFile is an open file of a socket, whose inode's number goes to ino; flags may have O_NONBLOCK.
func NewFile(ops vfs.FileOps, ino *Ino, uid cred.UID, gid cred.GID, flags uint32) *vfs.File {
	in := &inode{sockFS.NewInode(unix.S_IFSOCK|0o777, uid, gid), ops}
	ino.n.Store(in.Ino())
	name := "socket:[" + strconv.FormatUint(in.Ino(), 10) + "]"
	return vfs.NewAnonFileInode(name, ops, in, unix.O_RDWR|flags&unix.O_NONBLOCK)
}

// RaiseURG tells the owner of a socket's file (F_SETOWN) that out-of-band data came: SIGURG. f may be nil.
func RaiseURG(f *vfs.File) {
	if f == nil {
		return
	}
	if o := f.Owner(); o.Urgent != nil {
		o.Urgent()
	}
}

// Block waits until try is done. EAGAIN if it may not wait, or the socket's
// timeout passed. A call with a timeout is not restarted (signal(7)).
func Block(ctx vfs.Ctx, nonblock bool, timeout time.Duration, q *wait.Queue, mask wait.Mask, try func() (bool, error)) error {
	done, err := try()
	if done {
		return err
	}
	if nonblock {
		return unix.EAGAIN
	}
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	werr := wait.UntilAgain(ctx, q, mask, deadline, func() bool {
		done, err = try()
		return done
	})
	switch {
	case werr == nil:
		return err
	case werr == unix.ETIMEDOUT:
		return unix.EAGAIN
	case timeout > 0:
		return unix.EINTR
	}
	return werr
}

// Timeval is the struct timeval of a timeout, as SO_RCVTIMEO and SO_SNDTIMEO answer it.
func Timeval(d time.Duration) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(d/time.Second))
	return binary.LittleEndian.AppendUint64(b, uint64(d%time.Second/time.Microsecond))
}

// SetTimeout sets one from a struct timeval: EINVAL, EDOM.
func SetTimeout(to *time.Duration, value []byte) error {
	if len(value) < 16 {
		return unix.EINVAL
	}
	sec, usec := int64(binary.LittleEndian.Uint64(value)), int64(binary.LittleEndian.Uint64(value[8:]))
	if usec < 0 || usec >= 1_000_000 {
		return unix.EDOM
	}
	const forever = 1 << 30 // seconds; a longer wait is none
	*to = 0
	if sec >= 0 && sec < forever {
		*to = time.Duration(sec)*time.Second + time.Duration(usec)*time.Microsecond
	}
	return nil
}
