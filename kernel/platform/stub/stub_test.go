// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"encoding/binary"
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

const (
	codePage = 0x10_0000
	codeAt   = codePage + 0x40 // a site is looked at with what stands before it
	dataAt   = 0x20_0000
)

func never() bool { return false }

func newPlatform(t testing.TB) *Platform {
	t.Helper()
	p, err := New(Options{})
	assert.NilError(t, err)
	t.Cleanup(func() { p.Close() })
	return p
}

// launch is a thread that will run code (at codeAt), with four pages of data
// at dataAt and its stack pointer at their end.
func launch(t testing.TB, p *Platform, code []byte) platform.Thread {
	t.Helper()
	_, th, err := p.NewAddressSpace()
	assert.NilError(t, err)
	mapAt(t, th, codePage, 0x4000, unix.PROT_READ|unix.PROT_WRITE)
	mapAt(t, th, dataAt, 0x4000, unix.PROT_READ|unix.PROT_WRITE)
	_, err = th.WriteMemory(codeAt, code)
	assert.NilError(t, err)
	do(t, th, unix.SYS_MPROTECT, codePage, 0x4000, unix.PROT_READ|unix.PROT_EXEC)
	r := th.Regs()
	*r = platform.Regs{Rip: codeAt, Rsp: dataAt + 0x4000, Eflags: 0x202}
	th.RegsChanged()
	return th
}

func mapAt(t testing.TB, th platform.Thread, addr, length, prot uint64) {
	t.Helper()
	do(t, th, unix.SYS_MMAP, addr, length, prot, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED_NOREPLACE, ^uint64(0), 0)
}

func do(t testing.TB, th platform.Thread, nr uintptr, args ...uint64) int64 {
	t.Helper()
	op := &platform.Op{Nr: nr}
	copy(op.Args[:], args)
	assert.NilError(t, th.Do(op))
	assert.NilError(t, op.Err())
	return op.Result
}

func next(t testing.TB, th platform.Thread, want platform.EventKind) *platform.Event {
	t.Helper()
	var ev platform.Event
	th.Run(&ev, never)
	assert.Equal(t, ev.Kind, want, "event %+v at %#x", ev, th.Regs().Rip)
	return &ev
}

// cat joins pieces of machine code.
func cat(pieces ...[]byte) (code []byte) {
	for _, p := range pieces {
		code = append(code, p...)
	}
	return code
}

func b(bytes ...byte) []byte { return bytes }

// call is `mov $nr,%eax; syscall`.
func call(nr uint32) []byte {
	return cat(b(0xb8), binary.LittleEndian.AppendUint32(nil, nr), b(0x0f, 0x05))
}

// loop jumps back to the start of code of this many bytes.
func loop(code []byte) []byte { return append(code, 0xeb, byte(-(len(code) + 2))) }

func TestSyscallTrappedThenPatched(t *testing.T) {
	// getppid; mov %rax,%rdi: the result comes back as the next argument.
	th := launch(t, newPlatform(t), loop(cat(call(unix.SYS_GETPPID), b(0x48, 0x89, 0xc7))))
	fast := 0
	for i := range uint64(100) {
		ev := next(t, th, platform.EventSyscall)
		assert.Equal(t, ev.Nr, uint64(unix.SYS_GETPPID))
		assert.Equal(t, th.Regs().Rip, uint64(codeAt+7))
		if i > 0 {
			assert.Equal(t, ev.Args[0], 1000+i-1)
		}
		if th.(*thread).fast {
			fast++
		}
		th.SetResult(1000 + i)
	}
	assert.Equal(t, fast, 100-trapsBeforePatch)
	th.Exit()
}

func TestKickBringsLoopIn(t *testing.T) {
	th := launch(t, newPlatform(t), b(0xeb, 0xfe))
	for range 100 {
		started := make(chan bool)
		go func() {
			<-started
			th.Kick()
		}()
		var ev platform.Event
		th.Run(&ev, func() bool { close(started); return false })
		assert.Equal(t, ev.Kind, platform.EventKick)
		assert.Equal(t, th.Regs().Rip, uint64(codeAt))
	}
	th.Exit()
}

func TestFault(t *testing.T) {
	// mov 0x10,%eax (absolute): SIGSEGV at 0x10.
	th := launch(t, newPlatform(t), b(0x8b, 0x04, 0x25, 0x10, 0, 0, 0))
	ev := next(t, th, platform.EventFault)
	assert.Equal(t, ev.Signo, int32(unix.SIGSEGV))
	assert.Equal(t, ev.Addr, uint64(0x10))
	assert.Equal(t, ev.Code, int32(1))
	assert.Equal(t, ev.TrapNo, uint64(14))
	th.Exit()
}

func TestMemory(t *testing.T) {
	th := launch(t, newPlatform(t), call(39))
	next(t, th, platform.EventSyscall)
	for _, n := range []int{1, 4, 8, 100, 4096, 5000, 0x4000} {
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(i * 7)
		}
		_, err := th.WriteMemory(dataAt, p)
		assert.NilError(t, err)
		q := make([]byte, n)
		_, err = th.ReadMemory(dataAt, q)
		assert.NilError(t, err)
		assert.DeepEqual(t, p, q)
	}
	n, err := th.ReadMemory(dataAt+0x3fff, make([]byte, 3))
	assert.Equal(t, err, unix.EFAULT)
	assert.Equal(t, n, 1)
	_, err = th.WriteMemory(codeAt, b(1))
	assert.Equal(t, err, unix.EFAULT)
	_, err = th.ReadMemory(RegionBase, make([]byte, 8))
	assert.Equal(t, err, unix.EFAULT)
	old, err := th.CompareAndSwap32(dataAt+8, 1, 2)
	assert.NilError(t, err)
	_, err = th.CompareAndSwap32(dataAt+8, old, 77)
	assert.NilError(t, err)
	w := make([]byte, 4)
	th.ReadMemory(dataAt+8, w)
	assert.Equal(t, binary.LittleEndian.Uint32(w), uint32(77))
	th.Exit()
}

func TestForkCopiesMemoryAndRegisters(t *testing.T) {
	p := newPlatform(t)
	for _, warmup := range []int{0, 10} { // trapped, and patched
		th := launch(t, p, loop(cat(call(57), b(0x48, 0x89, 0xc7))))
		for range warmup {
			next(t, th, platform.EventSyscall)
		}
		next(t, th, platform.EventSyscall)
		th.WriteMemory(dataAt, []byte("parent"))
		as, child, err := th.Fork()
		assert.NilError(t, err)
		_, err = child.WriteMemory(dataAt, []byte("child!"))
		assert.NilError(t, err)
		child.SetResult(0)
		th.SetResult(42)
		assert.Equal(t, next(t, th, platform.EventSyscall).Args[0], uint64(42))
		assert.Equal(t, next(t, child, platform.EventSyscall).Args[0], uint64(0))
		got := make([]byte, 6)
		th.ReadMemory(dataAt, got)
		assert.Equal(t, string(got), "parent")
		as.ReadAt(dataAt, got)
		assert.Equal(t, string(got), "child!")
		child.Exit()
		assert.Equal(t, next(t, th, platform.EventSyscall).Nr, uint64(57))
		th.Exit()
	}
}

func TestThreadsShareMemory(t *testing.T) {
	th := launch(t, newPlatform(t), loop(cat(call(56), b(0x48, 0x89, 0xc7))))
	next(t, th, platform.EventSyscall)
	var all []platform.Thread
	for i := range 150 { // more than a region has slots
		nt, err := th.NewThread()
		assert.NilError(t, err)
		nt.SetResult(uint64(i))
		nt.RegsChanged()
		all = append(all, nt)
	}
	for round := range 10 {
		for i, nt := range all {
			ev := next(t, nt, platform.EventSyscall)
			assert.Equal(t, ev.Args[0], uint64(i), "thread %d, round %d", i, round)
			nt.SetResult(uint64(i))
		}
	}
	for _, nt := range all {
		nt.Exit()
	}
	next(t, th, platform.EventSyscall)
	nt, err := th.NewThread()
	assert.NilError(t, err)
	next(t, nt, platform.EventSyscall)
	nt.Exit()
	th.Exit()
}

// Threads that compute for long share a waiter, and are still kicked and killed.
func TestManyLongComputations(t *testing.T) {
	th := launch(t, newPlatform(t), b(0xeb, 0xfe))
	var wg sync.WaitGroup
	var started, kicked sync.WaitGroup
	kicked.Add(300)
	all := []platform.Thread{th}
	for range 300 {
		nt, err := th.NewThread()
		assert.NilError(t, err)
		all = append(all, nt)
	}
	for i, nt := range all {
		started.Add(1)
		wg.Go(func() {
			var ev platform.Event
			once := sync.OnceFunc(started.Done)
			nt.Run(&ev, func() bool { once(); return false })
			want := platform.EventDead
			if i > 0 {
				want = platform.EventKick
				kicked.Done()
			}
			if ev.Kind != want {
				t.Errorf("thread %d: %+v", i, ev)
			}
		})
	}
	started.Wait()
	waiters := &th.(*thread).sp.p.waiters
	parked := func() (n int) {
		waiters.mu.Lock()
		defer waiters.mu.Unlock()
		for _, w := range waiters.list {
			w.mu.Lock()
			n += len(w.waiting)
			w.mu.Unlock()
		}
		return n
	}
	for parked() < len(all) {
		runtime.Gosched()
	}
	for _, nt := range all[1:] {
		nt.Kick()
	}
	kicked.Wait()
	th.AddressSpace().Kill()
	wg.Wait()
	for _, nt := range all {
		nt.Exit()
	}
}

func TestKillEndsWaiting(t *testing.T) {
	th := launch(t, newPlatform(t), b(0xeb, 0xfe))
	var ev platform.Event
	go th.AddressSpace().Kill()
	th.Run(&ev, never)
	assert.Equal(t, ev.Kind, platform.EventDead)
	th.Exit()
}

func TestFPStateThroughFastPath(t *testing.T) {
	// movq %rsi,%xmm3 stands before the loop.
	code := loop(call(39))
	th := launch(t, newPlatform(t), cat(b(0x66, 0x48, 0x0f, 0x6e, 0xde), code))
	th.Regs().Rsi = 0x1122334455667788
	for range 20 {
		next(t, th, platform.EventSyscall)
	}
	assert.Assert(t, th.(*thread).fast)
	fp, err := th.FPState()
	assert.NilError(t, err)
	const xmm3 = 160 + 3*16
	assert.Equal(t, binary.LittleEndian.Uint64(fp[xmm3:]), uint64(0x1122334455667788))
	binary.LittleEndian.PutUint64(fp[xmm3:], 5)
	assert.NilError(t, th.SetFPState(fp))
	next(t, th, platform.EventSyscall)
	fp, err = th.FPState()
	assert.NilError(t, err)
	assert.Equal(t, binary.LittleEndian.Uint64(fp[xmm3:]), uint64(5))
	nt, err := th.NewThread()
	assert.NilError(t, err)
	next(t, nt, platform.EventSyscall)
	fp, err = nt.FPState()
	assert.NilError(t, err)
	assert.Equal(t, binary.LittleEndian.Uint64(fp[xmm3:]), uint64(5))
}

func BenchmarkSyscallPatched(b *testing.B) {
	benchmarkSyscall(b, newPlatform(b))
}

func BenchmarkSyscallTrapped(b *testing.B) {
	p, err := New(Options{NoPatch: true})
	assert.NilError(b, err)
	b.Cleanup(func() { p.Close() })
	benchmarkSyscall(b, p)
}

func benchmarkSyscall(b *testing.B, p *Platform) {
	th := launch(b, p, loop(call(39)))
	for range 10 {
		next(b, th, platform.EventSyscall)
	}
	b.ReportAllocs()
	var ev platform.Event
	for b.Loop() {
		th.SetResult(1)
		th.Run(&ev, never)
	}
	th.Exit()
}

func BenchmarkPeek(b *testing.B) {
	th := launch(b, newPlatform(b), loop(call(39)))
	next(b, th, platform.EventSyscall)
	p := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		th.ReadMemory(dataAt, p)
	}
	th.Exit()
}

func BenchmarkForkExit(b *testing.B) {
	th := launch(b, newPlatform(b), loop(call(39)))
	next(b, th, platform.EventSyscall)
	var ev platform.Event
	for b.Loop() {
		_, c, err := th.Fork()
		assert.NilError(b, err)
		c.Run(&ev, never)
		c.Exit()
	}
	th.Exit()
}

// TestStepWithoutItsBit: the trap of a step is one when the host does not say so, and that of int1 is not.
func TestStepWithoutItsBit(t *testing.T) {
	const nop, int1, trapFlag = 0x90, 0xf1, 0x100
	for _, tt := range []struct {
		insn byte
		want int32
	}{{nop, trapTrace}, {int1, trapBreakpoint}} {
		th := launch(t, newPlatform(t), b(tt.insn, nop, nop)).(*thread)
		th.Regs().Eflags |= trapFlag
		th.RegsChanged()
		ev := next(t, th, platform.EventFault)
		assert.Equal(t, ev.Signo, int32(unix.SIGTRAP))
		assert.Equal(t, th.slot.Regs.Rip, uint64(codeAt+1))
		th.slot.Code = trapBreakpoint // as a host does that has lost the bit
		assert.Assert(t, th.event(ev))
		assert.Equal(t, ev.Code, tt.want)
	}
}
