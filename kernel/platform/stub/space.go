// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// space is an address space: one host process.
type space struct {
	p    *Platform
	pid  int
	dead atomic.Bool
	// leaving: all its threads are about to exit, and so it is to die.
	leaving atomic.Bool
	// crashed: the stub itself faulted; set before dead.
	crashed atomic.Bool
	// ownGS: the application has a gs of its own; no site is patched any more.
	ownGS atomic.Bool
	// keyed: the application has protection keys, which its own thread's copies obey.
	keyed atomic.Bool

	// fdMu is held over a message of descriptors and the operations that
	// receive it, so that no other thread's operations take them.
	fdMu sync.Mutex
	sock int // our end

	mu      sync.Mutex
	pidfd   int // -1 once the process is reaped
	regions map[int]*region
	threads map[int]*thread // by slot
	leavers int             // threads that are about to exit
	free    []int           // slots of ended threads; reusable once their tid is cleared
	next    int             // the lowest slot never used
	traps   map[uint64]uint8
	sites   *siteTable
	// exposed: a debugger looks; no site is patched any more. restored is the
	// sites that were put back for it.
	exposed  bool
	restored map[uint64]*site

	pool *pool
}

// region is a memfd of slots.
type region struct {
	fd    int
	mem   []byte
	first int // index of its first slot
}

// slot is a mailbox as the kernel process has it mapped.
type slot struct {
	*Slot
}

func (s slot) window() []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(s.Slot), WindowOffset)), WindowSize)
}

// inline is where the data of a reply's first small CopyOut go.
func (s slot) inline() []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(s.Slot), InlineOffset)), InlineSize)
}

// setFirst writes the reply's first CopyOut.
func (s slot) setFirst(c *CopyOut) { *(*CopyOut)(unsafe.Pointer(&s.Args)) = *c }

func (r *region) slot(index int) slot {
	return slot{(*Slot)(unsafe.Pointer(&r.mem[(index-r.first)*SlotStride]))}
}

func newRegion(number int) (*region, error) {
	fd, err := unix.MemfdCreate("ditto-region", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if err := unix.Ftruncate(fd, RegionSize); err != nil {
		unix.Close(fd)
		return nil, err
	}
	mem, err := unix.Mmap(fd, 0, RegionSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &region{fd, mem, number * RegionSlots}, nil
}

func (r *region) close() {
	unix.Munmap(r.mem)
	unix.Close(r.fd)
}

func newSpace(p *Platform) (*space, error) {
	return &space{p: p, pidfd: -1, sock: -1, regions: map[int]*region{}, threads: map[int]*thread{}}, nil
}

// equip makes the region with a number and the socket of a new process, and
// returns the socket's other end.
func (sp *space) equip(number int) (*region, int, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, -1, err
	}
	reg, err := newRegion(number)
	if err != nil {
		unix.Close(pair[0])
		unix.Close(pair[1])
		return nil, -1, err
	}
	sp.sock = pair[0]
	sp.regions[number] = reg
	return reg, pair[1], nil
}

// newThread is the thread of a slot whose region exists.
func (sp *space) newThread(index int) *thread {
	t := &thread{sp: sp, index: index, slot: sp.regions[index/RegionSlots].slot(index)}
	t.slot.Tid = 1
	t.slot.SpinPause, t.slot.SpinYield = sp.p.tuning.stubSpin()
	sp.mu.Lock()
	sp.threads[index] = t
	sp.next = max(sp.next, index+1)
	sp.mu.Unlock()
	return t
}

// takeSlot finds a slot for a new thread: its number, and whether its region
// has to be made first. EAGAIN if there is none.
func (sp *space) takeSlot() (index int, missing bool, err error) {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	for i, n := range sp.free {
		r := sp.regions[n/RegionSlots]
		if atomic.LoadUint32(&r.slot(n).Tid) == 0 {
			sp.free = append(sp.free[:i], sp.free[i+1:]...)
			return n, false, nil
		}
	}
	if sp.next >= MaxRegions*RegionSlots {
		return 0, false, unix.EAGAIN
	}
	index = sp.next
	sp.next++
	return index, sp.regions[index/RegionSlots] == nil, nil
}

// Leaving implements platform.Thread.
func (t *thread) Leaving() {
	t.sp.mu.Lock()
	defer t.sp.mu.Unlock()
	t.leaving = true
	t.sp.leavers++
	if t.sp.leavers == len(t.sp.threads) {
		t.sp.leaving.Store(true)
	}
}

// leave takes a thread out. The last one ends the address space.
func (sp *space) leave(t *thread) {
	sp.mu.Lock()
	delete(sp.threads, t.index)
	if t.leaving {
		sp.leavers--
	}
	sp.free = append(sp.free, t.index)
	last := len(sp.threads) == 0
	sp.mu.Unlock()
	if last {
		sp.Kill()
		sp.release()
	}
}

// release gives back what the kernel process held for a space without threads.
func (sp *space) release() {
	sp.mu.Lock()
	regions := sp.regions
	sp.regions = nil
	sp.mu.Unlock()
	for _, r := range regions {
		r.close()
	}
	if sp.sock >= 0 {
		unix.Close(sp.sock)
		sp.sock = -1
	}
	sp.pool.unref()
}

// Kill implements platform.AddressSpace.
func (sp *space) Kill() {
	if sp.dead.Swap(true) {
		return
	}
	sp.mu.Lock()
	if sp.pidfd >= 0 {
		unix.PidfdSendSignal(sp.pidfd, unix.SIGKILL, nil, 0)
	}
	sp.mu.Unlock()
	sp.wakeAll()
}

// wakeAll tells the threads that wait for the process that it is gone.
func (sp *space) wakeAll() {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	for _, t := range sp.threads {
		t.died()
	}
}

// ReadAt implements platform.AddressSpace.
func (sp *space) ReadAt(addr uint64, p []byte) (int, error) {
	return sp.move(unix.SYS_PROCESS_VM_READV, addr, p)
}

// WriteAt implements platform.AddressSpace.
func (sp *space) WriteAt(addr uint64, p []byte) (int, error) {
	return sp.move(unix.SYS_PROCESS_VM_WRITEV, addr, p)
}

// move copies by process_vm_readv or writev. What is above the application's
// memory is not there, but for the vDSO. A host that forbids it outright answers EPERM.
func (sp *space) move(call uintptr, addr uint64, p []byte) (int, error) {
	done := 0
	for done < len(p) {
		at := addr + uint64(done)
		end := sp.p.accessEnd(at)
		if at >= end || sp.dead.Load() {
			return done, unix.EFAULT
		}
		n := min(uint64(len(p)-done), end-at)
		local := unix.Iovec{Base: &p[done], Len: n}
		remote := unix.RemoteIovec{Base: uintptr(at), Len: int(n)}
		got, _, e := unix.Syscall6(call, uintptr(sp.pid), uintptr(unsafe.Pointer(&local)), 1,
			uintptr(unsafe.Pointer(&remote)), 1, 0)
		if e == unix.EPERM {
			return done, unix.EPERM
		}
		if e != 0 || got == 0 {
			return done, unix.EFAULT
		}
		done += int(got)
	}
	return done, nil
}

// PageNodes tells on which of the host's nodes pages are (move_pages(2)): a
// number, or a negative errno. EPERM on a host that forbids it.
func (sp *space) PageNodes(addrs []uint64, nodes []int32) error {
	if len(addrs) == 0 {
		return nil
	}
	_, _, e := unix.Syscall6(unix.SYS_MOVE_PAGES, uintptr(sp.pid), uintptr(len(addrs)),
		uintptr(unsafe.Pointer(&addrs[0])), 0, uintptr(unsafe.Pointer(&nodes[0])), 0)
	if e != 0 {
		return e
	}
	return nil
}

// accessEnd is where the application's memory ends that has addr; 0 if that is
// the stub's.
func (p *Platform) accessEnd(addr uint64) uint64 {
	l := &p.layout
	switch {
	case addr < TextBase:
		return TextBase
	case addr-l.VDSO < l.VDSOSize:
		return l.VDSO + l.VDSOSize
	}
	return 0
}

// send passes descriptors to the stub; fdMu is held.
func (sp *space) send(fds []int) error {
	return unix.Sendmsg(sp.sock, []byte{0}, unix.UnixRights(fds...), nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
}

var (
	_ platform.AddressSpace = (*space)(nil)
	_ platform.HostMemory   = (*space)(nil)
)

// LimitStack sets how far the host lets a stack grow (RLIMIT_STACK), up to the
// kernel process's own hard limit.
func (sp *space) LimitStack(limit uint64) error {
	var l unix.Rlimit
	if err := unix.Prlimit(sp.pid, unix.RLIMIT_STACK, nil, &l); err != nil {
		return err
	}
	l.Cur = min(limit, l.Max)
	return unix.Prlimit(sp.pid, unix.RLIMIT_STACK, &l, nil)
}
