// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall exit full
func exit(t *task.Task, code int32) error { return t.Exit(code) }

//ditto:syscall exit_group full
func exitGroup(t *task.Task, code int32) error { return t.ExitGroup(code) }

//ditto:syscall set_tid_address full
func setTidAddress(t *task.Task, addr user.Addr) (int32, error) {
	t.SetClearChildTID(addr)
	return t.TID(), nil
}
