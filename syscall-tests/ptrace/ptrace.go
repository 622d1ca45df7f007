// SPDX-License-Identifier: Apache-2.0

// Package ptrace tests ptrace as debuggers and tracers use it: programs of several threads, followed through their
// children, attached to and left again.
package ptrace

import (
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("traces_a_program_from_its_start", "", tracesFromStart)
	harness.Child("ptrace.writer", func([]string) int {
		runtime.LockOSThread()
		_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), unix.SIGUSR1) // the tracer keeps it
		_, _ = unix.Write(-1, []byte("hello"))
		return 3
	})
}

// start starts a command as a tracee, stopped at its first instruction.
func start(t *harness.T, cmd *exec.Cmd) int {
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	t.Must("start", cmd.Start())
	var ws unix.WaitStatus
	_, err := unix.Wait4(cmd.Process.Pid, &ws, unix.WALL, nil)
	t.Must("wait", err)
	t.Equal("stopped at exec", ws.StopSignal(), unix.SIGTRAP)
	return cmd.Process.Pid
}

// tracesFromStart follows every thread of a program, and from its signal on
// the system calls of one, where it finds the one it knows.
func tracesFromStart(t *harness.T) {
	runtime.LockOSThread()
	pid := start(t, harness.Command("ptrace.writer"))
	t.Must("options", unix.PtraceSetOptions(pid, unix.PTRACE_O_TRACESYSGOOD|unix.PTRACE_O_TRACECLONE|unix.PTRACE_O_EXITKILL))
	t.Must("go", unix.PtraceCont(pid, 0))
	watched, entry := 0, false
	for {
		var ws unix.WaitStatus
		tid, err := unix.Wait4(-1, &ws, unix.WALL, nil)
		t.Must("wait", err)
		signal := 0
		switch {
		case ws.Exited() && tid == pid:
			t.Observe("end", "%d", ws.ExitStatus())
			return
		case ws.Exited() || ws.Signaled():
			continue
		case ws.StopSignal() == unix.SIGTRAP|0x80:
			entry = !entry
			showWrite(t, tid, entry)
		case ws.StopSignal() == unix.SIGUSR1:
			watched, entry = tid, false
		case ws.StopSignal() == unix.SIGSTOP, ws.StopSignal() == unix.SIGTRAP && ws.TrapCause() > 0:
		default:
			signal = int(ws.StopSignal())
		}
		on := unix.PtraceCont
		if tid == watched {
			on = unix.PtraceSyscall
		}
		if err := on(tid, signal); err != nil && err != unix.ESRCH {
			t.Must("go on", err)
		}
	}
}

// showWrite observes the write to descriptor -1, at both of its ends.
func showWrite(t *harness.T, tid int, entry bool) {
	var r unix.PtraceRegs
	if unix.PtraceGetRegs(tid, &r) != nil || r.Orig_rax != unix.SYS_WRITE || int32(r.Rdi) != -1 {
		return
	}
	if !entry {
		t.Observe("result", "%d", int64(r.Rax))
		return
	}
	text := make([]byte, r.Rdx)
	n, err := unix.PtracePeekData(tid, uintptr(r.Rsi), text)
	t.Must("peek", err)
	t.Observe("text", "%s", text[:n])
	t.Observe("rax", "%d", int64(r.Rax))
}
