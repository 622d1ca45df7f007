// SPDX-License-Identifier: Apache-2.0

package mm

import (
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// sharedMemory is the object behind one MAP_SHARED|MAP_ANONYMOUS mapping: a file
// without a name. Forked copies of the account point at the same one.
type sharedMemory struct {
	ino  uint64
	numa Policies
	fd   int          // of the host's; noFile if the host was asked for anonymous memory
	refs atomic.Int64 // mappings
}

var sharedInodes atomic.Uint64

const noFile = -1

func newShared() *sharedMemory { return &sharedMemory{ino: sharedInodes.Add(1), fd: noFile} }

// open makes the object's file, and returns it: noFile if there is none to be had. More
// than the host has in all is not asked for: such memory must be anonymous for the host to refuse.
func (s *sharedMemory) open(size uint64) int {
	var i unix.Sysinfo_t
	if unix.Sysinfo(&i) != nil || size > (i.Totalram+i.Totalswap)*uint64(i.Unit) {
		return noFile
	}
	fd, err := unix.MemfdCreate("shared", unix.MFD_CLOEXEC)
	if err != nil {
		return noFile
	}
	if unix.Ftruncate(fd, int64(size)) != nil {
		unix.Close(fd)
		return noFile
	}
	s.fd = fd
	return fd
}

// Hold implements Backing.
func (s *sharedMemory) Hold() { s.refs.Add(1) }

// Drop implements Backing.
func (s *sharedMemory) Drop() {
	if s.refs.Add(-1) == 0 && s.fd != noFile {
		unix.Close(s.fd)
	}
}

// Key implements Backing.
func (s *sharedMemory) Key() any { return s }

// Policies implements sharedPolicies.
func (s *sharedMemory) Policies() *Policies { return &s.numa }
