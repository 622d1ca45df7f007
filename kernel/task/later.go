// SPDX-License-Identifier: Apache-2.0

// This file is about what a task is to do for another one (task_work_add in Linux).

package task

// Later has f run in the task's own goroutine, before its next system call. What an earlier Later asked for and has not run
// yet does not run any more. Any goroutine may call it.
func (t *Task) Later(f func(*Task)) {
	t.later.Store(&f)
	t.hooks.Or(hookLater)
}

func (t *Task) doLater() {
	t.hooks.And(^uint32(hookLater))
	if f := t.later.Swap(nil); f != nil {
		(*f)(t)
	}
}
