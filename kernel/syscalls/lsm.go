// SPDX-License-Identifier: Apache-2.0

// This file is the calls about security modules. There are those of capabilities and Landlock, and neither has attributes of a process.

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// securityModules are those there are, in the order in which they are asked (LSM_ID_CAPABILITY, LSM_ID_LANDLOCK).
var securityModules = []uint64{100, 110}

//ditto:syscall lsm_list_modules full
func lsmListModules(t *task.Task, ids, usize user.Addr, flags uint32) (int, error) {
	if flags != 0 {
		return 0, unix.EINVAL
	}
	size, err := get32(t, usize)
	if err != nil {
		return 0, err
	}
	need := uint32(8 * len(securityModules))
	if err := put32(t, usize, need); err != nil {
		return 0, err
	}
	if size < need {
		return 0, unix.E2BIG
	}
	return len(securityModules), put(t, ids, securityModules)
}

// lsmContextSize is what struct lsm_ctx has before the context itself: the module, flags, the lengths of all and of the context.
const lsmContextSize = 32

//ditto:syscall lsm_get_self_attr full
func lsmGetSelfAttr(t *task.Task, attr uint32, uctx, usize user.Addr, flags uint32) error {
	const single = 1 // LSM_FLAG_SINGLE
	if attr == 0 || usize == 0 {
		return unix.EINVAL
	}
	_, err := get32(t, usize)
	if err != nil {
		return err
	}
	if flags != 0 {
		if flags != single || uctx == 0 {
			return unix.EINVAL
		}
		var id uint64
		if id, err = get64(t, uctx); err != nil {
			return err
		}
		if id == 0 {
			return unix.EINVAL
		}
	}
	if err := put32(t, usize, 0); err != nil {
		return err
	}
	return unix.EOPNOTSUPP
}

//ditto:syscall lsm_set_self_attr full
func lsmSetSelfAttr(t *task.Task, attr uint32, uctx user.Addr, size, flags uint32) error {
	switch {
	case flags != 0, size < lsmContextSize:
		return unix.EINVAL
	case size > 4096:
		return unix.E2BIG
	}
	raw := make([]byte, size)
	if _, err := t.Memory().CopyIn(uctx, raw); err != nil {
		return err
	}
	length, context := binary.LittleEndian.Uint64(raw[16:]), binary.LittleEndian.Uint64(raw[24:])
	if length > uint64(size) || length < lsmContextSize || context > length-lsmContextSize {
		return unix.EINVAL
	}
	return unix.EOPNOTSUPP
}
