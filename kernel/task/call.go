// SPDX-License-Identifier: Apache-2.0

package task

import "github.com/ditto-kernel/ditto/kernel/user"

// Buf is user.NewBuf for the data of the call that the task makes: there is one, and it is the next call's afterwards. It is for the
// task itself, and spares the calls that are made most often the garbage.
func (t *Task) Buf(b user.Bytes) (*user.Buf, error) {
	buf, err := user.NewBuf(t.memory, b)
	t.buf = buf
	return &t.buf, err
}

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
