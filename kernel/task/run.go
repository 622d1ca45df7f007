// SPDX-License-Identifier: Apache-2.0

package task

import (
	"fmt"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Start lets the task run, in a goroutine of its own.
func (t *Task) Start() { go t.run() }

// run is the task's life: application code until something happens, what is
// to be done about it, and again.
func (t *Task) run() {
	defer t.handlePanic()
	if t.setChildTID != 0 {
		t.writePid(t.setChildTID, t.TID())
	}
	for {
		if t.work.Load() != 0 || t.restart != 0 || t.restoreMask {
			if !t.doWork() {
				break
			}
		}
		if work := t.pt.work.Load(); work&(traceWatch|traceBlock) != 0 {
			t.runWatched(work)
		} else if work&traceStep != 0 {
			t.step()
		} else {
			t.thread.Run(&t.ev, t.look)
		}
		if !t.handleEvent() {
			break
		}
	}
	t.exit()
}

// handleEvent returns false if the task is to exit.
func (t *Task) handleEvent() bool {
	switch t.ev.Kind {
	case platform.EventSyscall:
		return t.syscall()
	case platform.EventFault:
		t.counts.Faults++
		t.faulted()
	case platform.EventDead:
		signo := int32(abi.SIGKILL)
		if t.ev.Signo != 0 {
			signo = t.ev.Signo
		}
		t.groupExit(signo)
	}
	return true
}

// syscall handles the call that the thread came in with.
func (t *Task) syscall() bool {
	t.sysNr = t.ev.Nr
	t.counts.Syscalls++
	if t.hooks.Load()&hookDispatch != 0 && t.dispatched() {
		return true
	}
	if t.pt.work.Load() == 0 {
		return t.perform()
	}
	if t.tracedSyscallEntry() && !t.perform() {
		return false
	}
	t.tracedSyscallExit()
	return true
}

// perform makes the call and enters its result.
func (t *Task) perform() bool {
	k := t.kernel
	var ret uint64
	var err error
	if k.hooks.Load()|t.hooks.Load() != 0 {
		ret, err = t.hookedSyscall()
	} else {
		ret, err = k.Syscall(t, t.ev.Nr, &t.ev.Args)
	}
	if err == nil {
		t.thread.SetResult(ret)
		return true
	}
	return t.syscallFailed(err)
}

// hookedSyscall is a call that something else looks at first: whether it may
// be made (seccomp), then what it is (the tracer of --strace).
func (t *Task) hookedSyscall() (uint64, error) {
	if t.hooks.Load()&hookLater != 0 {
		t.doLater()
	}
	if t.hooks.Load()&hookSeccomp != 0 {
		if ret, err, skip := t.askSeccomp(); skip {
			return ret, err
		}
	}
	if t.hooks.Load()&hookNiced != 0 {
		return t.nicedSyscall()
	}
	return t.shownSyscall()
}

// shownSyscall is a call that the tracer of --strace shows, if there is one.
func (t *Task) shownSyscall() (uint64, error) {
	if t.kernel.hooks.Load()&hookTrace != 0 {
		return t.tracedSyscall()
	}
	return t.kernel.Syscall(t, t.ev.Nr, &t.ev.Args)
}

func (t *Task) tracedSyscall() (uint64, error) {
	args := t.ev.Args
	t.kernel.Trace.Enter(t, t.ev.Nr, &args)
	ret, err := t.kernel.Syscall(t, t.ev.Nr, &t.ev.Args)
	t.kernel.Trace.Exit(t, t.sysNr, &args, ret, err)
	return ret, err
}

// errExit is what exit and exit_group answer: the task is to leave its loop.
type exitError struct{}

func (exitError) Error() string { return "exit" }

var errExit error = exitError{}

func (t *Task) syscallFailed(err error) bool {
	if err == errExit {
		return false
	}
	e, ok := err.(unix.Errno)
	if !ok {
		panic(fmt.Sprintf("a handler returned %T, not an errno: %v", err, err))
	}
	if isRestart(e) {
		t.restart = e
		t.thread.SetResult(errnoResult(unix.EINTR))
		return true
	}
	t.thread.SetResult(errnoResult(e))
	return true
}

// faulted makes a signal of what application code did.
func (t *Task) faulted() {
	t.fault = arch.Fault{TrapNo: t.ev.TrapNo, ErrCode: t.ev.ErrCode, CR2: t.ev.CR2}
	info := abi.SigInfo{Signo: t.ev.Signo, Code: t.ev.Code}
	info.SetAddr(t.ev.Addr)
	if t.ev.Signo == abi.SIGTRAP && t.ev.TrapNo == trapNoDebug {
		t.debugTrapped()
	}
	t.forceSignal(&info)
}

// handlePanic ends the sandbox when a handler panicked (architecture.md, 9.5).
func (t *Task) handlePanic() {
	r := recover()
	if r == nil {
		return
	}
	stack := debug.Stack()
	if t.kernel.Panic != nil {
		t.kernel.Panic(t, t.ev.Nr, t.ev.Args, r, stack)
		return
	}
	fmt.Fprintf(os.Stderr, "kernel panic: %v\ntask %d, syscall %d, arguments %#x\n%s\n", r, t.Pid(), t.ev.Nr, t.ev.Args, stack)
	os.Exit(70)
}
