// SPDX-License-Identifier: Apache-2.0

// Package bpf tests bpf from Go: a map that several threads count in.
package bpf

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("threads_share_a_map", "root cap:21", threads)
}

type create struct{ kind, key, value, entries, flags uint32 }

type element struct {
	fd         uint32
	_          uint32
	key, value *uint64
	flags      uint64
}

func threads(t *harness.T) {
	c := create{kind: 1, key: 8, value: 8, entries: 16} // a hash
	fd, _, e := unix.Syscall(unix.SYS_BPF, unix.BPF_MAP_CREATE, uintptr(unsafe.Pointer(&c)), unsafe.Sizeof(c))
	if e != 0 {
		t.Must("create", e)
	}
	ends := harness.Race(8, func(i int) error {
		key, value, got := uint64(i), uint64(i*i), uint64(0)
		for _, step := range []struct {
			cmd   uintptr
			value *uint64
		}{{unix.BPF_MAP_UPDATE_ELEM, &value}, {unix.BPF_MAP_LOOKUP_ELEM, &got}, {unix.BPF_MAP_DELETE_ELEM, nil}} {
			a := element{fd: uint32(fd), key: &key, value: step.value}
			if _, _, e := unix.Syscall(unix.SYS_BPF, step.cmd, uintptr(unsafe.Pointer(&a)), unsafe.Sizeof(a)); e != 0 {
				return e
			}
		}
		if got != value {
			return unix.EBADMSG
		}
		return nil
	})
	t.Equal("ends", ends, "0 x8")
}
