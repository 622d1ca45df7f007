// SPDX-License-Identifier: Apache-2.0

package task

import (
	"sync"
	"sync/atomic"
)

// SemUndo is what semaphore operations with SEM_UNDO have promised (package
// ipc). Exit keeps the promise, in the name of a process.
type SemUndo interface{ Exit(pid int32) }

// sharedUndo is the SemUndo of the tasks that were cloned with CLONE_SYSVSEM.
type sharedUndo struct {
	tasks atomic.Int32

	mu   sync.Mutex
	undo SemUndo // nil until it is needed
}

// SemUndo is the task's, made by make if it has none yet.
func (t *Task) SemUndo(make func() SemUndo) SemUndo {
	u := t.ownUndo()
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.undo == nil {
		u.undo = make()
	}
	return u.undo
}

func (t *Task) ownUndo() *sharedUndo {
	if t.semUndo.Load() == nil {
		u := &sharedUndo{}
		u.tasks.Store(1)
		t.semUndo.Store(u)
	}
	return t.semUndo.Load()
}

// shareUndo is CLONE_SYSVSEM, for a child of t.
func (c *Task) shareUndo(t *Task) {
	u := t.ownUndo()
	u.tasks.Add(1)
	c.semUndo.Store(u)
}

// DropSemUndo is what exit and unshare(CLONE_SYSVSEM) do: the last task that
// has it keeps the promise.
func (t *Task) DropSemUndo() {
	u := t.semUndo.Swap(nil)
	if u != nil && u.tasks.Add(-1) == 0 && u.undo != nil {
		u.undo.Exit(t.ProcessID())
	}
}

// SemUndoOf is what the task's promises are kept in, for comparison only; nil
// if it never made one. Any goroutine.
func (t *Task) SemUndoOf() any { return t.semUndo.Load() }
