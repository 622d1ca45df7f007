// SPDX-License-Identifier: Apache-2.0

// This file is the options of sockets whose values are programs (SO_ATTACH_FILTER and its kin).

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/bpf"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// isFilterOption tells whether an option's value points to a classic BPF program.
func isFilterOption(level, name int32) bool {
	return level == unix.SOL_SOCKET && (name == unix.SO_ATTACH_FILTER || name == unix.SO_ATTACH_REUSEPORT_CBPF)
}

// attachFilter is setsockopt of such an option (copy_bpf_fprog_from_user, __get_filter).
func attachFilter(t *task.Task, s anySocket, name int32, value user.Addr, length int32) error {
	const sizeofFprog = 16
	if length < 4 {
		return unix.EINVAL
	}
	var b [sizeofFprog]byte
	if _, err := t.Memory().CopyIn(value, b[:4]); err != nil {
		return err
	}
	switch {
	case name == unix.SO_ATTACH_FILTER && !s.mayFilter(t):
		return unix.EPERM
	case length != sizeofFprog:
		return unix.EINVAL
	}
	if _, err := t.Memory().CopyIn(value, b[:]); err != nil {
		return err
	}
	n, at := int(binary.LittleEndian.Uint16(b[:])), user.Addr(binary.LittleEndian.Uint64(b[8:]))
	if s.filterLocked() {
		return unix.EPERM
	}
	if at == 0 || n == 0 || n > bpf.MaxInsns {
		return unix.EINVAL
	}
	insns := make([]bpf.Insn, n)
	if err := get(t, at, insns); err != nil {
		return err
	}
	return s.attachFilter(int(name), insns)
}

// attachBPF is setsockopt of an option whose value is the descriptor of a program for bpf(2): there are none.
func attachBPF(t *task.Task, value user.Addr, length int32) error {
	if length < 4 {
		return unix.EINVAL
	}
	var fd int32
	if err := get(t, value, &fd); err != nil {
		return err
	}
	if length != 4 {
		return unix.EINVAL
	}
	f, err := t.Files().Get(vfs.FD(fd))
	if err != nil {
		return err
	}
	f.DecRef()
	return unix.EINVAL
}

// getFilter is getsockopt of SO_GET_FILTER: room and the answer count instructions.
func getFilter(t *task.Task, s anySocket, value, length user.Addr, room int) error {
	insns, err := s.filter()
	if err != nil {
		return err
	}
	if room > 0 && len(insns) > 0 {
		if room < len(insns) {
			return unix.EINVAL
		}
		if err := put(t, value, insns); err != nil {
			return err
		}
	}
	return putUint32(t, length, uint32(len(insns)))
}
