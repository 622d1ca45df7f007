// SPDX-License-Identifier: Apache-2.0

package task

// Call makes the task run f before it goes on with application code; a sleep
// ends for it. It returns false if the task is exiting.
func (t *Task) Call(f func()) bool {
	t.kernel.mu.RLock()
	defer t.kernel.mu.RUnlock()
	h := t.group.sighand
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.exiting {
		return false
	}
	t.calls = append(t.calls, f)
	t.kick(workCall)
	return true
}

func (t *Task) runCalls() {
	h := t.group.sighand
	h.mu.Lock()
	calls := t.calls
	t.calls = nil
	t.work.And(^uint32(workCall))
	h.mu.Unlock()
	for _, f := range calls {
		f()
	}
}

// RunCalls makes the task run what it was asked to, in the midst of a wait that
// ended for it. It is for the task itself.
func (t *Task) RunCalls() {
	if t.work.Load()&workCall != 0 {
		t.runCalls()
	}
}
