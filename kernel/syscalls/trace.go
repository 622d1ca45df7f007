// SPDX-License-Identifier: Apache-2.0

// This file traces calls. Whoever runs tasks picks Dispatch or a Tracer's Dispatch once, so that not tracing costs
// nothing.

package syscalls

import (
	"github.com/ditto-kernel/ditto/kernel/strace"
	"github.com/ditto-kernel/ditto/kernel/task"
)

// Tracer is what to do with each call besides performing it. Its functions are called by the tasks' own goroutines.
type Tracer struct {
	Print   func(t *task.Task, line string) // if not nil, gets the line that strace would print
	Counter *strace.Counter                 // if not nil, notes what the call carried
}

// Dispatch performs a syscall and traces it. The memory that it reads afterwards must already hold what the handler
// left to be copied out last.
func (tr *Tracer) Dispatch(t *task.Task, nr uint64, args *[6]uint64) (uint64, error) {
	nr = uint64(uint32(nr))
	var call *strace.Call
	if tr.Print != nil {
		call = strace.Begin(nr, args, t.Memory())
		if call.NoReturn() {
			tr.Print(t, call.Unfinished())
			call = nil
		}
	}
	if tr.Counter != nil {
		tr.Counter.CountPointed(nr, args, t.Memory())
	}
	entry := *args // a handler may change its registers: execve, rt_sigreturn
	ret, err := Dispatch(t, nr, args)
	if call != nil {
		tr.Print(t, call.End(ret, err))
	}
	if tr.Counter != nil {
		tr.Counter.Count(nr, &entry, err)
	}
	return ret, err
}
