// SPDX-License-Identifier: Apache-2.0

package task

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform/fake"
)

// sysCall runs a function of the test in the kernel, as the system call that
// the application makes: its first argument is the function's index.
const sysCall = 1000

// world is a kernel with an in-kernel init on the fake platform.
type world struct {
	t *testing.T
	p *fake.Platform
	k *Kernel

	mu    sync.Mutex
	calls []func(*Task) (uint64, error)
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, p: fake.New()}
	w.k = New(w.p)
	w.k.Syscall = w.syscall
	w.k.Panic = func(_ *Task, nr uint64, args [6]uint64, reason any, stack []byte) {
		panic(fmt.Sprintf("syscall %d %#x: %v\n%s", nr, args, reason, stack))
	}
	w.k.NewInit(First{Creds: cred.Root(), Comm: "init"}, true)
	t.Cleanup(func() { _ = w.p.Close() })
	return w
}

func (w *world) syscall(t *Task, nr uint64, a *[6]uint64) (uint64, error) {
	switch nr {
	case sysCall:
		w.mu.Lock()
		f := w.calls[a[0]]
		w.mu.Unlock()
		return f(t)
	case unix.SYS_EXIT:
		return 0, t.Exit(int32(a[0]))
	case unix.SYS_EXIT_GROUP:
		return 0, t.ExitGroup(int32(a[0]))
	case unix.SYS_RT_SIGRETURN:
		return t.SigReturn(), nil
	case unix.SYS_RESTART_SYSCALL:
		return t.RestartSyscall()
	case unix.SYS_GETPPID:
		return uint64(t.Group().ParentID()), nil
	}
	return 0, unix.ENOSYS
}

// do makes the application call f.
func (w *world) do(a *fake.App, f func(*Task) (uint64, error)) uint64 {
	w.mu.Lock()
	w.calls = append(w.calls, f)
	n := len(w.calls) - 1
	w.mu.Unlock()
	return a.Syscall(sysCall, uint64(n))
}

// image is a program of the fake platform.
func (w *world) image(main func(*fake.App)) *Image {
	as, thread, err := w.p.NewAddressSpace()
	if err != nil {
		w.t.Fatal(err)
	}
	return &Image{MM: mm.New(as, w.p.Layout()), Thread: thread, Entry: w.p.Func(main), Stack: thread.Regs().Rsp, Comm: "app"}
}

// start runs a program as a child of init. The channel gives its wait status.
func (w *world) start(main func(*fake.App)) (*Task, <-chan int32) {
	done := make(chan int32, 1)
	t, err := w.k.NewProcess(First{Creds: cred.Root(), OnDeath: func(s int32) { done <- s }})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := t.CommitExec(w.image(main)); err != nil {
		w.t.Fatal(err)
	}
	t.Start()
	return t, done
}

// run is start, and waits for the end.
func (w *world) run(main func(*fake.App)) int32 {
	_, done := w.start(main)
	return w.wait(done)
}

func (w *world) wait(done <-chan int32) int32 {
	w.t.Helper()
	select {
	case s := <-done:
		return s
	case <-time.After(20 * time.Second):
		w.t.Fatal("the program does not end")
		return 0
	}
}

// fork clones a child that runs f.
func (w *world) fork(a *fake.App, flags uint64, f func(*fake.App)) int32 {
	a.Child(f)
	return int32(w.do(a, func(t *Task) (uint64, error) {
		pid, err := t.Clone(&CloneArgs{Flags: flags, ExitSignal: 17})
		return uint64(pid), err
	}))
}

// waitPid waits for a child to exit.
func (w *world) waitPid(a *fake.App, pid int32, options int) (Waited, unix.Errno) {
	var got Waited
	r := w.do(a, func(t *Task) (n uint64, err error) {
		f := WaitFor{Type: unix.P_PID, ID: pid, Options: options}
		if pid < 0 {
			f.Type = unix.P_ALL
		}
		got, err = t.Wait(&f)
		return uint64(got.Pid), err
	})
	return got, fake.Errno(r)
}

// handler installs a signal handler.
func (w *world) handler(a *fake.App, signo int, flags uint64, f func(*fake.App)) {
	addr := w.p.Func(f)
	w.do(a, func(t *Task) (uint64, error) {
		t.SetAction(signo, SigAction{Handler: addr, Flags: flags | SA_RESTORER, Restorer: 0x4000})
		return 0, nil
	})
}

func (w *world) kill(a *fake.App, pid int32, signo int) {
	w.do(a, func(t *Task) (uint64, error) {
		info := t.UserInfo(signo, 0)
		return 0, w.k.LookupGroup(pid).SendSignal(&info)
	})
}

// parked waits until the task sleeps.
func parked(t *Task) {
	for t.sleep.state.Load() != sleepParked {
		time.Sleep(50 * time.Microsecond)
	}
}
