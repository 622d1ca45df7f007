// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"sync"

	"golang.org/x/sys/unix"
)

// Device nodes and FIFOs are inodes of any file system, while their
// operations belong to packages dev and pipe, which register here.

// DeviceOpener makes the operations of an open device file.
type DeviceOpener func(ctx Ctx, inode Inode, rdev uint64, flags uint32) (FileOps, error)

type deviceKey struct {
	kind  uint32 // S_IFCHR or S_IFBLK
	major uint32
	minor uint32
}

// AnyMinor registers an opener for every minor number that has none.
const AnyMinor = ^uint32(0)

var (
	devicesMu sync.RWMutex
	devices   = map[deviceKey]DeviceOpener{}
)

// RegisterDevice says who opens device nodes with a number. kind is S_IFCHR
// or S_IFBLK.
func RegisterDevice(kind, major, minor uint32, open DeviceOpener) {
	devicesMu.Lock()
	defer devicesMu.Unlock()
	devices[deviceKey{kind, major, minor}] = open
}

// FIFO is what an inode of a named pipe keeps for package pipe.
type FIFO struct {
	Mu   sync.Mutex
	Pipe any
}

// OpenFIFO makes the operations of an open named pipe; package pipe sets it.
// It blocks until there is another end, as fifo(7) has it.
var OpenFIFO func(ctx Ctx, inode Inode, fifo *FIFO, flags uint32) (FileOps, error)

// OpenSpecial is Inode.Open for a file system's FIFOs, sockets and devices.
func OpenSpecial(ctx Ctx, inode Inode, rdev uint64, fifo *FIFO, flags uint32) (FileOps, error) {
	switch kind := inode.Mode() & unix.S_IFMT; kind {
	case unix.S_IFIFO:
		if OpenFIFO == nil {
			return nil, unix.ENXIO
		}
		return OpenFIFO(ctx, inode, fifo, flags)
	case unix.S_IFCHR, unix.S_IFBLK:
		devicesMu.RLock()
		open := devices[deviceKey{kind, unix.Major(rdev), unix.Minor(rdev)}]
		if open == nil {
			open = devices[deviceKey{kind, unix.Major(rdev), AnyMinor}]
		}
		devicesMu.RUnlock()
		if open == nil {
			return nil, noDevice(kind, unix.Major(rdev))
		}
		return open(ctx, inode, rdev, flags)
	}
	return nil, unix.ENXIO
}

// noDevice: a driver that serves many devices is there and says of a number that it has none of it (misc_open); of the others there is no driver.
func noDevice(kind, major uint32) error {
	const misc = 10
	if kind == unix.S_IFCHR && major == misc {
		return unix.ENODEV
	}
	return unix.ENXIO
}
