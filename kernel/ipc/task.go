// SPDX-License-Identifier: Apache-2.0

package ipc

import "github.com/ditto-kernel/ditto/kernel/task"

var (
	_ Attacher     = (*task.Task)(nil)
	_ task.SemUndo = (*Undo)(nil)
)

type namespaceKey struct{}

// Of is the namespace of a task.
func Of(t *task.Task) *Namespace { return In(t.IPC()) }

// In is what a namespace has of System V IPC.
func In(ns *task.IPCNS) *Namespace {
	return ns.Extra(namespaceKey{}, func() any { return NewNamespace(ns.Owner()) }).(*Namespace)
}

// OnExit is for task.Kernel.OnExit.
func OnExit(t *task.Task) {
	if m := t.MM(); m != nil && m.Users() == 1 && attachments.Load() > 0 {
		Leave(m, t.ProcessID())
	}
}
