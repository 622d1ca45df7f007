// SPDX-License-Identifier: Apache-2.0

// Package fake is a platform in memory, for tests: an application is Go
// functions that make system calls, its memory an array of bytes. A function
// has an address (Platform.Func); a thread runs the one that its instruction
// pointer names, so that programs, signal handlers and restarted calls work
// as they do with real code.
package fake

import (
	"cmp"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// The layout of every address space.
const (
	Base    = 0x10000   // of the memory
	Size    = 1 << 18   // of the memory
	text    = 0x1000000 // functions; 16 bytes each
	sysCall = 0x2000000 // where the system call instruction stands
	stacks  = Base + Size
)

// FPSize is the size of the xsave area.
const FPSize = 512 + 64 + 4

// Platform implements platform.Platform.
type Platform struct {
	mu     sync.Mutex
	funcs  []func(*App)
	spaces map[*space]bool
}

// New is a platform without address spaces.
func New() *Platform { return &Platform{spaces: map[*space]bool{}} }

// Func gives a function an address.
func (p *Platform) Func(f func(*App)) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.funcs = append(p.funcs, f)
	return text + 16*uint64(len(p.funcs)-1)
}

func (p *Platform) at(addr uint64) func(*App) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := (addr - text) / 16
	if addr < text || addr%16 != 0 || i >= uint64(len(p.funcs)) {
		return nil
	}
	return p.funcs[i]
}

// Spaces is how many address spaces there are.
func (p *Platform) Spaces() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.spaces)
}

// NewAddressSpace implements platform.Platform.
func (p *Platform) NewAddressSpace() (platform.AddressSpace, platform.Thread, error) {
	s := p.newSpace()
	t := s.newThread()
	t.regs.Rsp = stacks
	return s, t, nil
}

// Layout implements platform.Platform.
func (p *Platform) Layout() platform.Layout { return platform.Layout{Min: Base, Max: stacks} }

// Settle implements platform.Platform.
func (p *Platform) Settle() {}

// Close implements platform.Platform.
func (p *Platform) Close() error {
	p.mu.Lock()
	var all []*space
	for s := range p.spaces {
		all = append(all, s)
	}
	p.mu.Unlock()
	for _, s := range all {
		s.Kill()
	}
	return nil
}

type space struct {
	p        *Platform
	mu       sync.Mutex
	mem      []byte
	brk      uint64
	threads  map[*Thread]bool
	killed   chan struct{}
	killOnce sync.Once
}

func (p *Platform) newSpace() *space {
	s := &space{p: p, mem: make([]byte, Size), brk: Base, threads: map[*Thread]bool{}, killed: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spaces[s] = true
	return s
}

func (s *space) newThread() *Thread {
	t := &Thread{space: s, kicks: make(chan struct{}, 1), toKernel: make(chan request), toApp: make(chan struct{}), quit: make(chan struct{})}
	t.fp = make([]byte, FPSize)
	binary.LittleEndian.PutUint32(t.fp[464:], 0x46505853)
	binary.LittleEndian.PutUint32(t.fp[468:], FPSize)
	binary.LittleEndian.PutUint32(t.fp[480:], FPSize-4)
	binary.LittleEndian.PutUint32(t.fp[FPSize-4:], 0x46505845)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.threads[t] = true
	return t
}

func (s *space) copy(write bool, addr uint64, p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if addr < Base || addr >= stacks {
		if len(p) == 0 {
			return 0, nil
		}
		return 0, unix.EFAULT
	}
	var n int
	if write {
		n = copy(s.mem[addr-Base:], p)
	} else {
		n = copy(p, s.mem[addr-Base:])
	}
	if n < len(p) {
		return n, unix.EFAULT
	}
	return n, nil
}

func (s *space) ReadAt(addr uint64, p []byte) (int, error)  { return s.copy(false, addr, p) }
func (s *space) WriteAt(addr uint64, p []byte) (int, error) { return s.copy(true, addr, p) }

func (s *space) Kill() {
	s.killOnce.Do(func() { close(s.killed) })
	s.gone()
}

func (s *space) gone() {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	delete(s.p.spaces, s)
}

// request is what an application stops for.
type request struct {
	ev platform.Event
}

// Thread implements platform.Thread.
type Thread struct {
	space    *space
	regs     platform.Regs
	segments platform.Segments
	fp       []byte
	next     func(*App) // what runs instead of the function at rip: fork's child
	app      *App
	kicks    chan struct{}
	running  atomic.Bool
	toKernel chan request
	toApp    chan struct{}
	quit     chan struct{}
	exited   bool
	dead     bool

	Idles, Kicks atomic.Int64
	// FailFork makes the next Fork or NewThread fail with this.
	FailFork error
}

func (t *Thread) AddressSpace() platform.AddressSpace { return t.space }

// Run implements platform.Thread.
func (t *Thread) Run(ev *platform.Event, interrupted func() bool) {
	*ev = platform.Event{}
	t.running.Store(true)
	defer t.running.Store(false)
	if t.dead {
		ev.Kind = platform.EventDead
		return
	}
	if interrupted() {
		return
	}
	if t.app == nil {
		t.start()
	} else {
		select {
		case t.toApp <- struct{}{}:
		case <-t.space.killed:
		}
	}
	select {
	case r := <-t.toKernel:
		*ev = r.ev
	case <-t.space.killed:
		t.dead = true
		ev.Kind = platform.EventDead
	}
}

// start runs the application's function in a goroutine of its own.
func (t *Thread) start() {
	t.app = &App{t: t}
	f := t.next
	if f == nil {
		f = t.space.p.at(t.regs.Rip)
	}
	go func() {
		defer func() {
			if r := recover(); r != nil && r != errQuit {
				panic(r)
			}
		}()
		if f == nil {
			t.app.Fault(platform.Event{Signo: 11, Code: 1, Addr: t.regs.Rip, TrapNo: 14, ErrCode: 0x14, CR2: t.regs.Rip})
			panic(errQuit)
		}
		f(t.app)
		t.app.Syscall(unix.SYS_EXIT_GROUP, 0)
	}()
}

// Kick implements platform.Thread.
func (t *Thread) Kick() {
	t.Kicks.Add(1)
	if !t.running.Load() {
		return
	}
	select {
	case t.kicks <- struct{}{}:
	default:
	}
}

func (t *Thread) SetResult(rax uint64)      { t.regs.Rax = rax }
func (t *Thread) Regs() *platform.Regs      { return &t.regs }
func (t *Thread) RegsChanged()              {}
func (t *Thread) Expose() error             { return nil }
func (t *Thread) FPState() ([]byte, error)  { return append([]byte(nil), t.fp...), nil }
func (t *Thread) SetFPState(p []byte) error { copy(t.fp, p); return nil }

func (t *Thread) ReadMemory(addr uint64, p []byte) (int, error)  { return t.space.copy(false, addr, p) }
func (t *Thread) Captured(uint64, []byte) int                    { return 0 }
func (t *Thread) WriteMemory(addr uint64, p []byte) (int, error) { return t.space.copy(true, addr, p) }
func (t *Thread) WriteMemoryLast(addr uint64, p []byte, partial bool) (int, error) {
	n, err := t.space.copy(true, addr, p)
	if partial && n > 0 {
		err = nil
	}
	return n, err
}

// WriteMemoryFrom implements platform.Thread.
func (t *Thread) WriteMemoryFrom(addr uint64, n int, _ bool, fill func(p []byte) (int, error)) (int, error) {
	p := make([]byte, n)
	n, err := fill(p)
	n, fault := t.space.copy(true, addr, p[:max(n, 0)])
	if n > 0 {
		return n, nil
	}
	return 0, cmp.Or(err, fault)
}

// ReadMemoryTo implements platform.Thread.
func (t *Thread) ReadMemoryTo(addr uint64, n int, drain func(p []byte) (int, error)) (int, error) {
	p := make([]byte, n)
	n, fault := t.space.copy(false, addr, p)
	n, err := drain(p[:n])
	if n > 0 {
		return n, nil
	}
	return 0, cmp.Or(err, fault)
}

func (t *Thread) CompareAndSwap32(addr uint64, old, new uint32) (uint32, error) {
	s := t.space
	s.mu.Lock()
	defer s.mu.Unlock()
	if addr < Base || addr+4 > stacks {
		return 0, unix.EFAULT
	}
	w := s.mem[addr-Base:]
	was := binary.LittleEndian.Uint32(w)
	if was == old {
		binary.LittleEndian.PutUint32(w, new)
	}
	return was, nil
}

// Do implements platform.Thread: every call answers ENOSYS, but for those
// without effect on memory.
func (t *Thread) Do(ops ...*platform.Op) error {
	for _, op := range ops {
		op.Result = -int64(unix.ENOSYS)
		if op.Nr == unix.SYS_SCHED_YIELD {
			op.Result = 0
		}
	}
	return nil
}

// Processor implements platform.Thread.
func (t *Thread) Processor() (cpu, node uint32, err error) { return 0, 0, nil }

func (t *Thread) SetFSBase(base uint64) error {
	t.regs.Fs_base = base
	return nil
}

// Fork implements platform.Thread. The child runs App.Child's function.
func (t *Thread) Fork() (platform.AddressSpace, platform.Thread, error) {
	if err := t.FailFork; err != nil {
		t.FailFork = nil
		return nil, nil, err
	}
	s := t.space.p.newSpace()
	t.space.mu.Lock()
	copy(s.mem, t.space.mem)
	s.brk = t.space.brk
	t.space.mu.Unlock()
	return s, t.child(s), nil
}

// NewThread implements platform.Thread.
func (t *Thread) NewThread() (platform.Thread, error) {
	if err := t.FailFork; err != nil {
		t.FailFork = nil
		return nil, err
	}
	return t.child(t.space), nil
}

func (t *Thread) child(s *space) *Thread {
	c := s.newThread()
	c.regs = t.regs
	copy(c.fp, t.fp)
	c.next = t.app.next
	return c
}

// Leaving implements platform.Thread.
func (t *Thread) Leaving() {}

// Exit implements platform.Thread.
func (t *Thread) Exit() {
	if t.exited {
		return
	}
	t.exited = true
	close(t.quit)
	s := t.space
	s.mu.Lock()
	delete(s.threads, t)
	last := len(s.threads) == 0
	s.mu.Unlock()
	if last {
		s.gone()
	}
}

// LetFutex implements platform.Thread: it lets none.
func (t *Thread) LetFutex(bool, bool) {}

// Futex implements platform.Thread: nobody ever waits, so a wake finds nobody.
func (t *Thread) Futex(op *platform.Op, interrupted func() bool) error {
	op.Result = 0
	if interrupted != nil {
		op.Result = -int64(unix.ENOSYS)
	}
	return nil
}

// Asleep implements platform.Thread.
func (t *Thread) Asleep() (bool, uint64) { return false, 0 }

// SetAffinity implements platform.Thread.
func (t *Thread) SetAffinity([]uint64) error { return nil }

func (t *Thread) Idle() { t.Idles.Add(1) }

// SetGSBase implements platform.Thread.
func (t *Thread) SetGSBase(base uint64) error {
	t.Regs().Gs_base = base
	return nil
}

// Segments implements platform.Thread.
func (t *Thread) Segments() (platform.Segments, error) { return t.segments, nil }

// SetSegments implements platform.Thread.
func (t *Thread) SetSegments(s platform.Segments) error {
	t.segments = s
	return nil
}

// Rusage is CPUTime.
func (t *Thread) Rusage(int) (unix.Rusage, error) {
	u, s := t.CPUTime()
	return unix.Rusage{Utime: unix.NsecToTimeval(int64(u)), Stime: unix.NsecToTimeval(int64(s))}, nil
}

// CPUTime is made up, but grows.
func (t *Thread) CPUTime() (user, system time.Duration) {
	return 20 * time.Millisecond, 10 * time.Millisecond
}
