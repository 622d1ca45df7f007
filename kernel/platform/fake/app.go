// SPDX-License-Identifier: Apache-2.0

package fake

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// errQuit unwinds the goroutine of a thread that ended.
var errQuit = errors.New("thread ended")

// App is what an application's function sees of the machine.
type App struct {
	t    *Thread
	next func(*App)
}

// Child says what the child of the next clone runs.
func (a *App) Child(f func(*App)) { a.next = f }

// Syscall makes a system call. It returns rax; see Errno.
func (a *App) Syscall(nr uint64, args ...uint64) uint64 {
	t := a.t
	regs := &t.regs
	var v [6]uint64
	copy(v[:], args)
	for {
		regs.Rax, regs.Orig_rax = nr, nr
		regs.Rdi, regs.Rsi, regs.Rdx, regs.R10, regs.R8, regs.R9 = v[0], v[1], v[2], v[3], v[4], v[5]
		regs.Rip = sysCall + arch.SyscallSize
		a.stop(platform.Event{Kind: platform.EventSyscall, Nr: nr, Args: v})
		if !a.resume() {
			return regs.Rax
		}
		nr = regs.Rax // made again
	}
}

// resume runs handlers until the thread is back where it stopped. It tells
// whether the next instruction is the system call again.
func (a *App) resume() (again bool) {
	for {
		regs := &a.t.regs
		switch {
		case regs.Rip == sysCall+arch.SyscallSize:
			return false
		case regs.Rip == sysCall:
			return true
		case regs.Rip == spinning:
			return false
		}
		a.handler()
	}
}

// handler runs the function at rip and returns from it, through the restorer.
func (a *App) handler() {
	regs := &a.t.regs
	f := a.t.space.p.at(regs.Rip)
	if f == nil {
		a.Fault(platform.Event{Signo: 11, Code: 1, Addr: regs.Rip, TrapNo: 14, ErrCode: 0x14, CR2: regs.Rip})
		return
	}
	frame := regs.Rsp
	f(a)
	regs.Rsp = frame + 8
	regs.Rip = sysCall + arch.SyscallSize
	regs.Rax = unix.SYS_RT_SIGRETURN
	a.stop(platform.Event{Kind: platform.EventSyscall, Nr: unix.SYS_RT_SIGRETURN})
}

// spinning is where an application computes.
const spinning = sysCall + 0x100

// Spin computes until it was interrupted by a kick, and its handlers ran.
func (a *App) Spin() {
	a.t.regs.Rip = spinning
	select {
	case <-a.t.kicks:
	case <-a.t.space.killed:
		panic(errQuit)
	}
	a.stop(platform.Event{Kind: platform.EventKick})
	a.resume()
}

// Fault is a fault of the application's; ev's Kind is filled in.
func (a *App) Fault(ev platform.Event) {
	ev.Kind = platform.EventFault
	a.t.regs.Rip = spinning
	a.stop(ev)
	a.resume()
}

func (a *App) stop(ev platform.Event) {
	select {
	case a.t.toKernel <- request{ev: ev}:
	case <-a.t.quit:
		panic(errQuit)
	case <-a.t.space.killed:
		panic(errQuit)
	}
	select {
	case <-a.t.toApp:
	case <-a.t.quit:
		panic(errQuit)
	case <-a.t.space.killed:
		panic(errQuit)
	}
}

// Errno is the error in what Syscall returned, or 0.
func Errno(rax uint64) unix.Errno {
	if e := -int64(rax); e > 0 && e < 4096 {
		return unix.Errno(e)
	}
	return 0
}

// Regs are the thread's registers.
func (a *App) Regs() *platform.Regs { return &a.t.regs }

// FP is the thread's xsave area.
func (a *App) FP() []byte { return a.t.fp }

// Alloc reserves n bytes of the application's memory.
func (a *App) Alloc(n int) uint64 {
	s := a.t.space
	s.mu.Lock()
	defer s.mu.Unlock()
	addr := s.brk
	s.brk += uint64(n+15) &^ 15
	return addr
}

// Write puts bytes into the application's memory, and Read takes them.
func (a *App) Write(addr uint64, p []byte) {
	if _, err := a.t.space.copy(true, addr, p); err != nil {
		panic(err)
	}
}

// Read: see Write.
func (a *App) Read(addr uint64, n int) []byte {
	p := make([]byte, n)
	if _, err := a.t.space.copy(false, addr, p); err != nil {
		panic(err)
	}
	return p
}

// Put32, Put64, Get32 and Get64 are Write and Read of one word.
func (a *App) Put32(addr uint64, v uint32) { a.Write(addr, binary.LittleEndian.AppendUint32(nil, v)) }
func (a *App) Put64(addr uint64, v uint64) { a.Write(addr, binary.LittleEndian.AppendUint64(nil, v)) }
func (a *App) Get32(addr uint64) uint32    { return binary.LittleEndian.Uint32(a.Read(addr, 4)) }
func (a *App) Get64(addr uint64) uint64    { return binary.LittleEndian.Uint64(a.Read(addr, 8)) }
