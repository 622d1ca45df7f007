// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// What of modify_ldt(2) writes to memory: at most the whole table.
const (
	ldtRead        = 0
	ldtReadDefault = 2
	ldtBytes       = 8192 * 8 // LDT_ENTRIES * LDT_ENTRY_SIZE

	nowhere user.Addr = 1
)

// modify_ldt(2): the table is the address space's, so the host has it. The
// result is an int in an unsigned register: errors come as 2^32-errno.
//
//ditto:syscall modify_ldt full
func modifyLDT(t *task.Task, what int32, ptr user.Addr, size uint64) (uint64, error) {
	if reads := what == ldtRead || what == ldtReadDefault; reads && size > 0 && t.MM().Reserved(uint64(ptr), uint64(ptr)+min(size, ldtBytes)) {
		ptr = nowhere // which faults on the host, if there is something to write
	}
	op := platform.Op{Nr: unix.SYS_MODIFY_LDT, Args: [6]uint64{uint64(uint32(what)), uint64(ptr), size}}
	if err := t.Thread().Do(&op); err != nil {
		return 0, err
	}
	return uint64(uint32(op.Result)), nil
}
